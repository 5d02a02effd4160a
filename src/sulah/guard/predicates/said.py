"""What a predicate says, before the rule's own severity and `when_unknown` are applied."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from sulah.guard.case import Case
from sulah.guard.rule import ContactRule


class Said(NamedTuple):
    """yes: True, False, or None where something needed is not known and no known fact settles the answer.

    again_at: for a no, the earliest later instant at which it would be a yes with the facts as they are; None when waiting does not help.
    """

    yes: bool | None
    again_at: datetime | None = None


YES = Said(yes=True)
NO = Said(yes=False)
UNKNOWN = Said(yes=None)

Ask = Callable[[ContactRule, Case], Said]


def not_before(again_at: datetime | None) -> Said:
    """A no that waiting until an instant turns into a yes; None = waiting does not help."""
    return NO if again_at is None else Said(yes=False, again_at=again_at)


def first_of(instants: Iterable[datetime], at: datetime, holds: Callable[[datetime], bool]) -> Said:
    """A no until the first of these instants after `at` at which something holds."""
    return not_before(next((later for later in sorted(set(instants)) if later > at and holds(later)), None))
