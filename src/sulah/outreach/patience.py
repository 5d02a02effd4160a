"""When to try again, and when to leave a provider alone: back-off with jitter from a seed, and a circuit breaker as a value."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

FIRST_SECONDS, MOST_SECONDS = 2, 900
FAULTS_TO_OPEN = 5
OPEN_SECONDS = 30


def wait_seconds(seed: str, attempt: int, asked: int = 0) -> int:
    """Seconds before the next attempt: between half and the whole of 2, 4, 8 ... 900, and never less than the provider asked for.

    The seed names the message and the attempt, so that a run can be repeated and a thousand messages do not come back together.

    >>> wait_seconds("m1", 1), 4 <= wait_seconds("m1", 3) <= 8, wait_seconds("m1", 1, asked=60) >= 60
    (1, True, True)
    """
    most = min(MOST_SECONDS, FIRST_SECONDS << min(attempt - 1, 20))
    spread = Random(f"{seed}:{attempt}").randint(0, most - most // 2)  # noqa: S311  (a spread, no secret)
    return asked + spread if asked else most // 2 + spread


@dataclass(frozen=True, slots=True)
class Breaker:
    """What a worker knows of one provider: faults in a row, and until when it is left alone."""

    faults: int = 0
    open_until: datetime | None = None

    def closed(self, now: datetime) -> bool:
        """May a message go?  After its time one may try; the next fault opens it again, a success closes it for good."""
        return self.open_until is None or now >= self.open_until

    def well(self) -> "Breaker":
        """The provider answered as it should."""
        return Breaker()

    def fault(self, now: datetime, *, at_once: bool = False, seconds: int = 0) -> "Breaker":
        """One more fault; at_once: no use to try on (an account that is refused, a wait that was asked for)."""
        faults = self.faults + 1
        if not at_once and faults < FAULTS_TO_OPEN:
            return replace(self, faults=faults)
        beyond = max(0, faults - FAULTS_TO_OPEN)
        pause = seconds or min(MOST_SECONDS, OPEN_SECONDS << min(beyond, 10))
        return Breaker(faults, now + timedelta(seconds=pause))
