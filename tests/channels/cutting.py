"""A connection that is cut after so many octets in one direction: a small proxy between a channel and the server that is played."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

_MOST = 65_536


@dataclass(slots=True)
class Cut:
    """Where the next connection is cut: after so many octets that `up` (to the server) or down; None: nowhere.  passed: octets each way."""

    after: int | None = None
    up: bool = True
    passed: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def allow(self, up: bool, octets: bytes) -> bytes:
        """What of these octets still gets through."""
        room = len(octets) if self.after is None or up is not self.up else max(0, self.after - self.passed[up])
        self.passed[up] += len(octets[:room])
        return octets[:room]


@contextmanager
def cutting(port: int) -> Iterator[tuple[int, Cut]]:
    """A port that leads to that port of this machine, and where it is cut."""
    cut, listener = Cut(), socket.create_server(("127.0.0.1", 0))
    Thread(target=_accept, args=(listener, port, cut), daemon=True).start()
    try:
        yield int(listener.getsockname()[1]), cut
    finally:
        listener.close()


def _accept(listener: socket.socket, port: int, cut: Cut) -> None:
    with suppress(OSError):
        while True:
            ours, _ = listener.accept()
            theirs = socket.create_connection(("127.0.0.1", port))
            for source, sink, up in ((ours, theirs, True), (theirs, ours, False)):
                Thread(target=_carry, args=(source, sink, cut, up), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, cut: Cut, up: bool) -> None:
    """Carry octets until somebody closes, or until the cut: then both ends are broken off."""
    with suppress(OSError):
        while octets := source.recv(_MOST):
            let = cut.allow(up, octets)
            sink.sendall(let)
            if len(let) < len(octets):
                break
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
