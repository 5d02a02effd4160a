"""The sandbox SMSC over TCP: binds, answers, receipts on whatever bind receives, and the faults that were asked for."""

import socket
import socketserver
import struct
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock, Thread, Timer

from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.smsc import Kept, Smsc
from sulah.outreach.smpp.codes import BINDS, RESPONSE, Command, Status
from sulah.outreach.smpp.pdu import Bind, Body, Bound, Empty, Pdu, PduError, Queried, Query, Short, decode, encode, head_of

_RESET = struct.pack("ii", 1, 0)
_AGAIN, _PATIENCE = 0.1, 3.0
"""Seconds between two tries to bring a receipt, and until one that is not acknowledged comes again."""

_STATUS = {
    Trouble.BUSY: Status.THROTTLED,
    Trouble.BROKEN: Status.SYSTEM_ERROR,
    Trouble.BROKEN_AFTER: Status.UNKNOWN_ERROR,
    Trouble.REFUSE: Status.SUBMIT_FAILED,
}


@dataclass(slots=True)
class SmscSandbox:
    """One SMSC being served; slow_seconds: how late each answer comes, and how much later a slow one; dumb: it answers nothing at all."""

    smsc: Smsc
    faults: Faults
    slow_seconds: float = 0.0
    dumb: bool = False
    most_under_way: int = 0
    binds: int = 0
    sessions: "list[Session]" = field(default_factory=list)
    waiting: "deque[tuple[float, Pdu]]" = field(default_factory=deque)
    over: Event = field(default_factory=Event)
    turn: Lock = field(default_factory=Lock)

    def serve(self, port: int) -> "SmscServer":
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        server = SmscServer(("127.0.0.1", port), Session)
        server.sandbox = self
        Thread(target=self._bring, daemon=True).start()
        return server

    def taken(self, kept: Kept) -> None:
        """Plan the receipt of a message that was kept, where one was asked for."""
        if not kept.receipt:
            return
        now, right, wrong = time.monotonic(), self.smsc.receipt(kept), self.smsc.receipt(kept, contrary=True)
        short = right.short()
        cut = Pdu(Command.DELIVER_SM, 0, Short(source=short.source, esm_class=short.esm_class, message=short.message[:7]))
        plans = {
            ReportTrouble.NONE: [(now, right)],
            ReportTrouble.DROP: [],
            ReportTrouble.DUPLICATE: [(now, right)] * 3,
            ReportTrouble.LATE: [(now + 1, right)],
            ReportTrouble.SWAPPED: [(now, wrong), (now, right)],
            ReportTrouble.FORGED: [(now, self.smsc.receipt(kept, contrary=True, of=7)), (now, right)],
            ReportTrouble.CORRUPT: [(now, cut)],
        }
        self.waiting.extend(plans[self.faults.of_report()])

    def bring(self, pdus: list[Pdu]) -> None:
        """Bring these to whoever receives: what people wrote."""
        self.waiting.extend((time.monotonic(), pdu) for pdu in pdus)

    def settled(self) -> bool:
        """Is everything acknowledged?"""
        return not self.waiting and not any(session.unsettled for session in list(self.sessions))

    def drop(self) -> None:
        """Break every connection off, hard."""
        for session in list(self.sessions):
            session.reset()

    def tell(self, octets: bytes) -> None:
        """Send bytes of any kind to every connection."""
        for session in list(self.sessions):
            session.raw(octets)

    def unbind(self) -> None:
        """Take leave of everybody."""
        self.tell(encode(Pdu(Command.UNBIND, 77)))

    def _bring(self) -> None:
        """Bring what waits, in turn over all connections that receive; what is not acknowledged comes again."""
        while not self.over.wait(0.002):
            for session in list(self.sessions):
                session.remind()
            for _ in range(len(self.waiting)):
                due, pdu = self.waiting.popleft()
                able = [session for session in list(self.sessions) if session.receives]
                if time.monotonic() < due:
                    self.waiting.append((due, pdu))
                elif not able:
                    self.waiting.append((time.monotonic() + _AGAIN, pdu))
                else:
                    min(able, key=lambda session: session.brought).bring(pdu)


class SmscServer(socketserver.ThreadingTCPServer):
    """The SMSC's own server: one thread a connection."""

    daemon_threads = True
    allow_reuse_address = True
    sandbox: SmscSandbox


class Session(socketserver.BaseRequestHandler):
    """One connection."""

    server: SmscServer

    def setup(self) -> None:
        """Nobody has bound yet."""
        self.bound: Command | None = None
        self.brought, self.under_way = 0, 0
        self.unsettled: dict[int, tuple[float, Pdu]] = {}
        self._numbers, self._turn, self._gone = count(1), Lock(), False
        self.sandbox = self.server.sandbox
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sandbox.sessions.append(self)

    @property
    def receives(self) -> bool:
        """Do receipts and messages go here?"""
        return self.bound in (Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER) and not self._gone and not self.sandbox.dumb

    def handle(self) -> None:
        """Unit by unit, until somebody goes."""
        with suppress(OSError, PduError):
            while not self.sandbox.over.is_set() and not self._gone:
                octets = self._unit()
                if not octets:
                    return
                if not self.sandbox.dumb:
                    self._one(octets)

    def finish(self) -> None:
        """What this one did not acknowledge is brought to another."""
        self._gone = True
        with suppress(ValueError):
            self.sandbox.sessions.remove(self)
        with self._turn:
            left, self.unsettled = list(self.unsettled.values()), {}
        self.sandbox.waiting.extend((time.monotonic(), pdu) for _, pdu in left)

    def _unit(self) -> bytes:
        head = self._exactly(16)
        return head + self._exactly(head_of(head).length - 16) if head else b""

    def _exactly(self, octets: int) -> bytes:
        found = b""
        while len(found) < octets:
            came = self.request.recv(octets - len(found))
            if not came:
                return b""
            found += came
        return found

    def _one(self, octets: bytes) -> None:
        head = head_of(octets)
        try:
            pdu = decode(octets)
        except PduError:
            known = head.command in set(Command)
            return self.say(Command.GENERIC_NACK, head.sequence, Status.INVALID_COMMAND_LENGTH if known else Status.INVALID_COMMAND)
        if head.answers:
            return self._acknowledged(pdu)
        if pdu.command in BINDS:
            return self._bind(pdu)
        if pdu.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            return self.say(pdu.command | RESPONSE, pdu.sequence)
        if pdu.command == Command.SUBMIT_SM:
            return self._submit(pdu)
        if pdu.command == Command.QUERY_SM and isinstance(pdu.body, Query) and self.bound is not None:
            return self._query(pdu.sequence, pdu.body)
        return self.say(Command.GENERIC_NACK, pdu.sequence, Status.WRONG_BIND_STATE)

    def _bind(self, pdu: Pdu) -> None:
        asked = pdu.body if isinstance(pdu.body, Bind) else Bind()
        status = Status.ALREADY_BOUND if self.bound is not None else self.sandbox.smsc.let_in(asked)
        if status == Status.OK:
            self.sandbox.binds += 1
        self.say(pdu.command | RESPONSE, pdu.sequence, status, Empty() if status else Bound("SANDBOX"))
        if status == Status.OK:
            self.bound = pdu.command

    def _submit(self, pdu: Pdu) -> None:
        if self.bound not in (Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER):
            return self.say(Command.SUBMIT_SM_RESP, pdu.sequence, Status.WRONG_BIND_STATE)
        with self.sandbox.turn:
            self.under_way += 1
            self.sandbox.most_under_way = max(self.sandbox.most_under_way, self.under_way)
            full = self.under_way > self.sandbox.smsc.smpp.window
        trouble = Trouble.BUSY if full else self.sandbox.faults.of_request()
        looked = self.sandbox.smsc.look_at(pdu) if trouble in TAKES else _STATUS.get(trouble, Status.SYSTEM_ERROR)
        if not isinstance(looked, Kept):
            self.sandbox.smsc.refused += 1
            return self._answered(trouble, pdu.sequence, looked, Empty())
        kept = self.sandbox.smsc.keep(looked)
        self._answered(trouble, pdu.sequence, _STATUS.get(trouble, Status.OK), self.sandbox.smsc.answer(kept))
        self.sandbox.taken(kept)
        return None

    def _answered(self, trouble: Trouble, sequence: int, status: int, body: Body) -> None:
        """Answer as the trouble wants it."""
        octets = encode(Pdu(Command.SUBMIT_SM_RESP, sequence, Empty() if status else body, status))
        if trouble in (Trouble.HANG, Trouble.HANG_AFTER):
            return None
        if trouble in (Trouble.RESET, Trouble.RESET_AFTER):
            if trouble is Trouble.RESET_AFTER:
                self.raw(octets[:20])
            return self.reset()
        if trouble is Trouble.GARBAGE:
            octets = octets[:16] + b"\xff" * (len(octets) - 16)
        late = self.sandbox.slow_seconds + (1.5 if trouble is Trouble.SLOW else 0.0)
        if late:
            timer = Timer(late, self._late, (octets,))
            timer.daemon = True
            return timer.start()
        return self._late(octets)

    def _late(self, octets: bytes) -> None:
        with self.sandbox.turn:
            self.under_way -= 1
        self.raw(octets)

    def _query(self, sequence: int, query: Query) -> None:
        smsc = self.sandbox.smsc
        found = next((kept for kept in smsc.kept if smsc.answer(kept).message_id == query.message_id), None)
        if found is None:
            return self.say(Command.QUERY_SM_RESP, sequence, Status.QUERY_FAILED)
        return self.say(Command.QUERY_SM_RESP, sequence, Status.OK, Queried(query.message_id, "", 2 if found.delivered else 5, 0))

    def _acknowledged(self, pdu: Pdu) -> None:
        with self._turn:
            found = self.unsettled.pop(pdu.sequence, None)
        if found is not None and pdu.status != Status.OK:
            self.sandbox.waiting.append((time.monotonic() + _AGAIN, found[1]))

    def bring(self, pdu: Pdu) -> None:
        """Bring one deliver_sm; it is remembered until it is acknowledged."""
        number = next(self._numbers)
        self.brought += 1
        with self._turn:
            self.unsettled[number] = (time.monotonic() + _PATIENCE, pdu)
        self.raw(encode(Pdu(pdu.command, number, pdu.body, 0, pdu.tlvs)))

    def remind(self) -> None:
        """What was not acknowledged for long comes again."""
        with self._turn:
            late = [number for number, (due, _) in self.unsettled.items() if time.monotonic() > due]
            again = [self.unsettled.pop(number)[1] for number in late]
        self.sandbox.waiting.extend((time.monotonic(), pdu) for pdu in again)

    def say(self, command: int, sequence: int, status: int = 0, body: Body = Empty()) -> None:  # noqa: B008  (it never changes)
        """Send a unit."""
        self.raw(encode(Pdu(Command(command), sequence, body, status)))

    def raw(self, octets: bytes) -> None:
        """Send bytes; whoever has gone does not get them."""
        with suppress(OSError), self._turn:
            self.request.sendall(octets)

    def reset(self) -> None:
        """Break the connection off, hard."""
        self._gone = True
        with suppress(OSError):
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.request.shutdown(socket.SHUT_RD)
            self.request.close()
