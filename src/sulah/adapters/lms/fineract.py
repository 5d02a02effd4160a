"""What an Apache Fineract book needs before it fits the extract: pause and resume actions as windows of relief."""

from collections.abc import Iterable
from datetime import date, timedelta

Window = tuple[date, date]


def effective_pauses(actions: Iterable[tuple[str, date, date | None]]) -> list[Window]:
    """Pause windows after resumes: a RESUME ends the pause that contains its day, and no other.

    Actions are (PAUSE, start, end) or (RESUME, day, None) in the order they were made; windows come back by start.

    >>> effective_pauses([("PAUSE", date(2023, 1, 10), date(2023, 1, 20)), ("RESUME", date(2023, 1, 11), None)])
    [(datetime.date(2023, 1, 10), datetime.date(2023, 1, 11))]
    """
    windows: list[Window] = []
    for action, start, end in actions:
        if action == "PAUSE" and end is not None:
            windows.append((start, end))
        elif action == "RESUME":
            windows = [(first, start if first <= start <= last else last) for first, last in windows]
    return sorted(windows)


def relief_day_ends(window: Window) -> Window:
    """The day-ends that a pause leaves out, as relief.from_on and to_on: Fineract counts end - start days, so the first is not one of them.

    >>> relief_day_ends((date(2023, 10, 15), date(2023, 10, 25)))
    (datetime.date(2023, 10, 16), datetime.date(2023, 10, 25))
    """
    return window[0] + timedelta(days=1), window[1]
