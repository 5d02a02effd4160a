"""One HTTP exchange with a gateway, and exactly how far it came: nothing left us, the whole answer came, or nobody knows.

A connection is made for each request: one kept open that the other side has closed would make a send ambiguous for nothing.
"""

import http.client
import socket
import ssl
import time
from threading import Timer
from urllib.parse import urlsplit

from sulah.kernel.points import reach, register
from sulah.outreach.http import Reply, Request

register("outbox.before_send", "outbox.sent_whole")

LONGEST_ANSWER = 8_000_000
_FAULTS = (OSError, http.client.HTTPException)


class NothingSentError(Exception):
    """Not one byte of the request left us."""


class TooLateError(NothingSentError):
    """We were held up until the time to send had passed; nothing left us."""


class NoAnswerError(Exception):
    """Bytes left us and no whole answer came: nobody knows what happened on the other side."""


def exchange(address: str, request: Request, *, connect_seconds: int, answer_seconds: int, before: float | None = None) -> Reply:
    """Send a request and read its whole answer; before: the last instant (time.monotonic) at which its first byte may leave.

    NothingSentError, TooLateError or NoAnswerError say how far it came.  answer_seconds is for the whole, however slowly bytes drip.
    """
    connection = _connection(address, connect_seconds)
    try:
        connection.connect()
    except _FAULTS as error:
        connection.close()
        raise NothingSentError(_words(error)) from error
    raw = connection.sock
    raw.settimeout(answer_seconds)
    over = Timer(answer_seconds, _shut, (raw,))
    over.daemon = True
    try:
        reach("outbox.before_send")
        if before is not None and time.monotonic() >= before:
            raise TooLateError("This worker was held up; the permit is too old to send on.")
        over.start()
        return _asked(connection, request)
    except _FAULTS as error:
        raise NoAnswerError(_words(error)) from error
    finally:
        over.cancel()
        connection.close()


def _asked(connection: http.client.HTTPConnection, request: Request) -> Reply:
    connection.request(request.method, request.path, body=request.body or None, headers={**request.headers, "Connection": "close"})
    reach("outbox.sent_whole")
    answer = connection.getresponse()
    body = answer.read(LONGEST_ANSWER + 1)
    if len(body) > LONGEST_ANSWER:
        raise http.client.HTTPException("the answer has no end")
    told = answer.headers.get("Content-Length")
    if told is not None and told.isdigit() and int(told) != len(body):
        raise http.client.IncompleteRead(body)
    return Reply(answer.status, {name.lower(): value for name, value in answer.headers.items()}, body)


def _connection(address: str, connect_seconds: int) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=connect_seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=connect_seconds)


def _shut(raw: socket.socket) -> None:
    """End a connection whose time is over; whoever reads from it meets the end."""
    try:
        raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it ended by itself


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
