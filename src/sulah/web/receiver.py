"""The door for callbacks as a process of its own, `sulah receive hooks`: an event loop in which any number of callbacks share a commit.

The pages have the same door (`sulah.web.hooks`), with a thread for each request; this one keeps what it keeps and says what it says.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from io import BytesIO
from math import inf
from typing import Any

import django
from django.core.exceptions import BadRequest, DisallowedHost
from django.core.handlers.asgi import ASGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
django.setup()

from django.db import close_old_connections  # noqa: E402  (the settings are read above)

from sulah.actions.answer_call import answer_call, speaks  # noqa: E402
from sulah.actions.share_commits import BusyError, LoopWriter  # noqa: E402
from sulah.actions.take_callback import Door  # noqa: E402
from sulah.kernel.dates import IST  # noqa: E402
from sulah.kernel.refusal import Refusal  # noqa: E402
from sulah.outreach.http import Call  # noqa: E402
from sulah.records.contact.inbox import Inbox  # noqa: E402
from sulah.web.hooks import call_of, door_of  # noqa: E402

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, str, str]
"""Status, text and content type."""

BODY_SECONDS = 10
"""How long a callback may take to arrive; a body that never ends holds nothing for longer."""
_PLAIN = "text/plain; charset=utf-8"


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One callback of one address, /hooks/CHANNEL/PROVIDER, or the server's own beginning and end."""
    if scope["type"] == "lifespan":
        await _lived(receive, send)
    elif scope["type"] == "http":
        status, text, kind = await _answered(scope, receive)
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(text.encode())).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text.encode()})


async def _lived(receive: Receive, send: Send) -> None:
    """What waits for the disk is written before the server ends."""
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    if _door.cache_info().currsize:
        await _door().writer.end()
    await send({"type": "lifespan.shutdown.complete"})


async def _answered(scope: dict[str, Any], receive: Receive) -> Answer:
    place = scope["path"].split("/")
    try:
        door = _door()
    except Refusal:
        return 404, "", _PLAIN
    if len(place) != 4 or place[1] != "hooks":
        return 404, "", _PLAIN
    section, provider = place[2], place[3]
    if _announced(scope) > door.largest(section):
        return 413, "", _PLAIN
    try:
        body = await asyncio.wait_for(_body(receive, door.largest(section)), BODY_SECONDS)
    except TimeoutError:
        return 408, "", _PLAIN
    if body is None:
        return 413, "", _PLAIN
    try:
        call = call_of(ASGIRequest(scope, BytesIO(body)), body)
    except (DisallowedHost, BadRequest, UnicodeDecodeError):
        return 400, "", _PLAIN
    return await _taken(door, section, provider, call)


def _announced(scope: Mapping[str, Any]) -> float:
    """The bytes that a callback says it has; more than any where it says no number."""
    told = dict(scope["headers"]).get(b"content-length", b"0").decode("latin-1")
    return int(told) if told.isdigit() else inf


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None when it is longer than a callback of the channel may be, or when who sent it has gone."""
    parts, size = [], 0
    while True:
        told = await receive()
        parts.append(told.get("body", b""))
        size += len(parts[-1])
        if size > most or told["type"] == "http.disconnect":
            return None
        if not told.get("more_body"):
            return b"".join(parts)


async def _taken(door: Door[LoopWriter], section: str, provider: str, call: Call) -> Answer:
    now = door.clock()
    came = door.admit(section, provider, call, now)
    if not isinstance(came, Inbox):
        if came.why:
            door.writer.refuse(provider, now.astimezone(IST).date(), came.why)
        if came.status != 200:
            return came.status, came.text, _PLAIN
    else:
        try:
            await door.writer.keep(came)
        except BusyError:
            return 503, "", _PLAIN
    said = await asyncio.to_thread(_said, door, section, provider, call) if speaks(door.channels, section, provider) else None
    return said or (200, "" if isinstance(came, Inbox) else came.text, _PLAIN)


def _said(door: Door[LoopWriter], section: str, provider: str, call: Call) -> Answer | None:
    close_old_connections()
    said = answer_call(door.channels, door.vault, section, provider, call)
    return None if said is None else (said.status, said.text, said.content_type)


@cache
def _door() -> Door[LoopWriter]:
    """The lender's door, its settings read once a process."""
    return door_of(LoopWriter())
