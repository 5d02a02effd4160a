"""How many calls a minute one client may make: counted in the memory of each server process, so that reading costs no write."""

from collections import defaultdict, deque
from datetime import datetime, timedelta
from threading import Lock

_MINUTE = timedelta(minutes=1)


class Pace:
    """The calls of the last minute, by client."""

    def __init__(self) -> None:
        self._calls: dict[int, deque[datetime]] = defaultdict(deque)
        self._lock = Lock()

    def wait(self, client: int, most: int, now: datetime) -> int:
        """Count a call; 0 when it may go on, else the seconds to wait, and the call is not counted.

        >>> from datetime import UTC
        >>> pace, noon = Pace(), datetime(2026, 4, 1, 12, tzinfo=UTC)
        >>> pace.wait(1, 1, noon), pace.wait(1, 1, noon + timedelta(seconds=59)), pace.wait(1, 1, noon + timedelta(seconds=60))
        (0, 1, 0)
        """
        with self._lock:
            calls = self._calls[client]
            while calls and calls[0] <= now - _MINUTE:
                calls.popleft()
            if len(calls) >= most:
                return max(1, round((calls[0] + _MINUTE - now).total_seconds()))
            calls.append(now)
            return 0
