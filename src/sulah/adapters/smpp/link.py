"""One SMPP connection, bound: requests go out inside a window and meet their answers by number; what comes in is kept, then acknowledged.

One thread does all reading and writing (a TLS connection may not be used by two at once); callers wait for their own answer.  Whoever is
not answered is told whether a byte of the request can have left.
"""

import selectors
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from threading import BoundedSemaphore, Event, Lock, Thread

from sulah.adapters.smpp.line import BindRefusedError, LateError, Line, NothingLeftError, UnansweredError
from sulah.outreach.smpp.codes import RESPONSE, Command, Status
from sulah.outreach.smpp.pdu import MOST_SEQUENCE, Accepted, Pdu, PduError, decode, encode, head_of

_CHUNK = 65_536
_KEEPERS, _MOST_KEPT = 8, 1_000
"""Threads that keep what comes in, and how much may wait for them; beyond it the SMSC is asked for patience."""

_WANTS = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

Keep = Callable[[bytes], None]
"""Returns when these bytes are on the disk; raises when they are not."""


@dataclass(slots=True)
class _Slot:
    """One request on its way: begun once a byte of it may have left."""

    octets: bytes
    before: float | None
    done: Event = field(default_factory=Event)
    begun: bool = False
    late: bool = False
    given_up: bool = False
    answer: Pdu | None = None


class Link:
    """A connection of one owner; threads may share it.  Made by `opened`."""

    def __init__(self, line: Line, raw: socket.socket, keep: Keep | None) -> None:
        """raw: connected.  keep: for deliver_sm; without it they are refused for now, so that the SMSC brings them again elsewhere."""
        self.words = ""
        self._line, self._raw, self._keep = line, raw, keep
        self._lock, self._over, self._leaving = Lock(), Event(), False
        self._numbers, self._slots = count(1), dict[int, _Slot]()
        self._waiting: deque[tuple[int, _Slot | None, bytes]] = deque()
        self._out, self._in = b"", bytearray()
        self._window = BoundedSemaphore(line.window)
        self._bell, self._ring = socket.socketpair()
        self._heard_at, self._enquired_at = time.monotonic(), 0.0
        self._keepers = ThreadPoolExecutor(_KEEPERS, "smpp-keeper") if keep is not None else None
        self._kept_now = 0
        raw.settimeout(0)
        self._bell.settimeout(0)
        self._ring.settimeout(0)
        Thread(target=self._run, name="smpp-link", daemon=True).start()

    @property
    def alive(self) -> bool:
        """May requests still be sent on it?"""
        return not self._over.is_set() and not self._leaving

    def ended(self, seconds: float) -> bool:
        """Wait so long for the end of the connection; words says why it ended."""
        return self._over.wait(seconds)

    def ask(self, pdu: Pdu, *, seconds: float, before: float | None = None) -> Pdu:
        """Send a request inside the window and wait for its answer; before: the last instant (time.monotonic) for its first byte.

        NothingLeftError, LateError or UnansweredError say how far it came.  The sequence number is given here.
        """
        limit = time.monotonic() + seconds if before is None else min(before, time.monotonic() + seconds)
        if not self._window.acquire(timeout=max(0.0, limit - time.monotonic())):
            raise LateError("too many requests are under way")
        try:
            return self._asked(pdu, seconds, before)
        finally:
            self._window.release()

    def _asked(self, pdu: Pdu, seconds: float, before: float | None) -> Pdu:
        with self._lock:
            number = next(self._numbers) % MOST_SEQUENCE or next(self._numbers)
            octets = encode(Pdu(pdu.command, number, pdu.body, pdu.status, pdu.tlvs))
            slot = _Slot(octets, before)
            if self._over.is_set():
                raise NothingLeftError(self.words)
            self._slots[number] = slot
            self._waiting.append((number, slot, octets))
        self._wake()
        slot.done.wait(seconds)
        with self._lock:
            self._slots.pop(number, None)
            slot.given_up = True
        if slot.answer is not None:
            return slot.answer
        if slot.late:
            raise LateError("This worker was held up; the permit is too old to send on.")
        if not slot.begun:
            raise NothingLeftError(self.words or "the connection does not take anything")
        raise UnansweredError(self.words or f"no answer within {seconds:g} seconds")

    def close(self) -> None:
        """Take leave (unbind) and end; what comes meanwhile is still answered."""
        if self.alive:
            with suppress(NothingLeftError, UnansweredError):
                self.ask(Pdu(Command.UNBIND, 0), seconds=min(2, self._line.answer_seconds))
        self._end("closed by us")

    def _wake(self) -> None:
        with suppress(OSError):
            self._ring.send(b"!")

    def _end(self, words: str) -> None:
        """End the connection once; everybody who waits is woken."""
        with self._lock:
            if self._over.is_set():
                return
            self.words = words
            self._over.set()
            waiting = list(self._slots.values())
        self._wake()
        for slot in waiting:
            slot.done.set()

    def _run(self) -> None:
        """The one thread of the connection."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._bell, selectors.EVENT_READ)
            selector.register(self._raw, selectors.EVENT_READ)
            try:
                while not self._over.is_set() and not (self._leaving and not self._out and not self._waiting):
                    self._turn(selector)
                self._end("the SMSC took leave")
            except (OSError, PduError) as error:
                self._end(f"{type(error).__name__}: {error}")
            finally:
                self._raw.close()
                self._bell.close()
                self._ring.close()
                if self._keepers is not None:
                    self._keepers.shutdown(wait=False)

    def _turn(self, selector: selectors.BaseSelector) -> None:
        self._fill()
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._out else 0)
        selector.modify(self._raw, events)
        ready = selector.select(timeout=self._patience())
        with suppress(BlockingIOError):
            self._bell.recv(_CHUNK)
        if self._out:
            with suppress(*_WANTS):
                self._out = self._out[self._raw.send(self._out) :]
        if any(key.fileobj is self._raw and mask & selectors.EVENT_READ for key, mask in ready):
            self._read()

    def _fill(self) -> None:
        """Take what waits to be sent; a request whose time is over is not begun."""
        with self._lock:
            while self._waiting and len(self._out) < _CHUNK:
                number, slot, octets = self._waiting.popleft()
                if slot is not None:
                    if slot.given_up:
                        continue
                    if slot.before is not None and time.monotonic() >= slot.before:
                        slot.late = True
                        self._slots.pop(number, None)
                        slot.done.set()
                        continue
                    slot.begun = True
                self._out += octets

    def _patience(self) -> float:
        """Seconds until something must happen: after silence an enquire_link goes out; without an answer to it the connection is over."""
        now = time.monotonic()
        if self._enquired_at and now - self._enquired_at > self._line.answer_seconds:
            raise ConnectionError("the SMSC does not answer enquire_link")
        silent = now - self._heard_at
        if not self._enquired_at and silent > self._line.enquire_seconds:
            self._enquired_at = now
            self._put(Pdu(Command.ENQUIRE_LINK, next(self._numbers)))
            self._fill()
        due = self._enquired_at + self._line.answer_seconds if self._enquired_at else self._heard_at + self._line.enquire_seconds
        return min(1.0, max(0.01, due - now))

    def _read(self) -> None:
        while True:
            try:
                came = self._raw.recv(_CHUNK)
            except _WANTS:
                return
            if not came:
                raise ConnectionError("the SMSC closed the connection")
            self._heard_at, self._enquired_at = time.monotonic(), 0.0
            self._in += came
            while len(self._in) >= 16 and len(self._in) >= (length := head_of(bytes(self._in[:16])).length):
                octets = bytes(self._in[:length])
                del self._in[:length]
                self._came(octets)

    def _came(self, octets: bytes) -> None:
        """One whole unit has come."""
        head = head_of(octets)
        if head.answers:
            self._answered(octets)
        elif head.command == Command.DELIVER_SM:
            self._deliver(octets, head.sequence)
        elif head.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            self._put(Pdu(Command(head.command | RESPONSE), head.sequence))
            self._leaving = self._leaving or head.command == Command.UNBIND
        else:
            self._put(Pdu(Command.GENERIC_NACK, head.sequence, status=Status.INVALID_COMMAND))

    def _answered(self, octets: bytes) -> None:
        head = head_of(octets)
        try:
            answer = decode(octets)
        except PduError:
            return  # whoever waits goes on waiting, and at last knows nothing: an answer that cannot be read says nothing
        with self._lock:
            slot = self._slots.pop(head.sequence, None)
            if slot is not None and slot.begun:
                slot.answer = answer
                slot.done.set()

    def _deliver(self, octets: bytes, sequence: int) -> None:
        """Have it kept, then acknowledge it; what is not kept is refused for now, so that it comes again."""
        if self._keep is None or self._keepers is None:
            return self._put(Pdu(Command.DELIVER_SM_RESP, sequence, status=Status.RECEIVER_TEMPORARY))
        with self._lock:
            full = self._kept_now >= _MOST_KEPT
            self._kept_now += not full
        if full:
            return self._put(Pdu(Command.DELIVER_SM_RESP, sequence, status=Status.THROTTLED))
        self._keepers.submit(self._keep, octets).add_done_callback(partial(self._kept, sequence))
        return None

    def _kept(self, sequence: int, done: "Future[None]") -> None:
        with self._lock:
            self._kept_now -= 1
        failed = done.cancelled() or done.exception() is not None
        self._put(delivered(sequence, Status.RECEIVER_TEMPORARY if failed else Status.OK))

    def _put(self, pdu: Pdu) -> None:
        """Send something that nobody waits for."""
        with self._lock:
            self._waiting.append((pdu.sequence, None, encode(pdu)))
        self._wake()


def delivered(sequence: int, status: int) -> Pdu:
    """The answer to a deliver_sm; its message id is not used and stays empty (4.6.2)."""
    return Pdu(Command.DELIVER_SM_RESP, sequence, Accepted(), status)


def opened(line: Line, keep: Keep | None = None) -> Link:
    """A bound connection.  NothingLeftError when the SMSC cannot be reached or does not answer, BindRefusedError when it refuses us."""
    try:
        raw = socket.create_connection((line.host, line.port), timeout=line.connect_seconds)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if line.tls:
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=line.host)
    except OSError as error:
        raise NothingLeftError(f"{type(error).__name__}: {error}") from error
    link = Link(line, raw, keep)
    try:
        answer = link.ask(Pdu(line.command, 0, line.bind), seconds=line.answer_seconds)
    except UnansweredError as error:
        link.close()
        raise NothingLeftError(f"the bind was not answered ({error})") from error
    if answer.status != Status.OK or answer.command != line.command | RESPONSE:
        link.close()
        raise BindRefusedError(answer.status)
    return link
