"""The door of `sulah receive hooks` in an event loop of the test's own, asked as a server would ask it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import unquote

from sulah.web import receiver

T = TypeVar("T")


def in_a_loop(life: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it in a loop of a thread of its own: the test's thread may have a loop already, as a browser's has."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(life())).result(60)


class LoopDoor:
    """Use it as a context; settings.LENDER names the lender."""

    def __enter__(self) -> "LoopDoor":
        receiver._door.cache_clear()
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._lived(), self.loop).result(30)
        asyncio.run_coroutine_threadsafe(self.loop.shutdown_default_executor(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()
        receiver._door.cache_clear()

    def ask(self, method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, content type and content of the answer to one request."""
        return asyncio.run_coroutine_threadsafe(self.asked(method, address, body, headers or {}), self.loop).result(30)

    def ask_half(self, address: str, body: bytes) -> int:
        """Status of the answer to one whose body never ends."""
        return asyncio.run_coroutine_threadsafe(self.asked("POST", address, body, {}, never_ends=True), self.loop).result(30)[0]

    async def asked(
        self, method: str, address: str, body: bytes, headers: Mapping[str, str], *, never_ends: bool = False
    ) -> tuple[int, str, bytes]:
        """The same for a task of the loop; the body comes in two parts."""
        path, _, query = address.partition("?")
        told = {"host": "testserver", "content-length": str(len(body)), **{name.lower(): value for name, value in headers.items()}}
        scope = {"type": "http", "method": method, "path": unquote(path), "query_string": query.encode(), "scheme": "http"}
        scope["headers"] = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
        half = len(body) // 2
        parts = [{"type": "http.request", "body": body[:half], "more_body": True}, {"type": "http.request", "body": body[half:]}]
        said: list[dict[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            if len(parts) == 1 and never_ends:
                await asyncio.Event().wait()
            return parts.pop(0)

        async def send(event: dict[str, Any]) -> None:
            said.append(event)

        await receiver.application(scope, receive, send)
        kind = dict(said[0]["headers"])[b"content-type"].decode()
        return int(said[0]["status"]), kind, bytes(said[1]["body"])

    async def _lived(self) -> None:
        """The server's own end."""
        events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
        said: list[str] = []

        async def receive() -> Mapping[str, Any]:
            return events.pop(0)

        async def send(event: dict[str, Any]) -> None:
            said.append(event["type"])

        await receiver.application({"type": "lifespan"}, receive, send)
        assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
