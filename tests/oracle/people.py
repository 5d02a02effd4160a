"""The agent's papers, the person's wishes and occasions, beside the instant of the contact."""

from datetime import date, datetime

from tests.oracle.book import CLASS_OF, EVERY_CLASS
from tests.oracle.cases import Plain
from tests.oracle.factors import MICROSECOND, SECOND
from tests.oracle.moments import HOUR, ONE_DAY, PLACES, Pick, midnight, near, span


def whom(pick: Pick) -> tuple[str | None, str | None, str | None]:
    """(the agent named, the agency named, the agency of the papers)."""
    return {
        "AG1 AGY1": ("AG1", "AGY1", "AGY1"),
        "AG1 of AGY1": ("AG1", None, "AGY1"),
        "AG1 alone": ("AG1", None, None),
        "AGY1": (None, "AGY1", "AGY1"),
        "own people": (None, None, None),
    }[pick["by"]]


def assignments(pick: Pick, at: datetime) -> tuple[datetime, list[Plain]]:
    """(the beginning of the latest one, all of them)."""
    label, begin, again = pick["assigned"], at - 10 * ONE_DAY, at - 5 * ONE_DAY
    own = "AGY1" if pick["by"] == "AGY1" else "AG1"
    choices: dict[str, list[tuple[str, datetime, datetime | None]]] = {
        "named": [(own, begin, None)],
        "agent": [("AG1", begin, None)],
        "agency": [("AGY1", begin, None)],
        "stranger": [("AG8", begin, None)],
        "to now": [(own, begin, at)],
        "to 1us ahead": [(own, begin, at + MICROSECOND)],
        "from now": [(own, at, None)],
        "from 1us ahead": [(own, at + MICROSECOND, None)],
        "ended": [(own, begin, at - HOUR)],
        "anew": [(own, begin, again), (own, again, None)],
        "agency, then agent": [("AGY1", begin, None), ("AG1", again, None)],
        "named, then stranger": [(own, begin, None), ("AG8", again, None)],
        "nobody": [],
    }
    latest = {"from now": at, "from 1us ahead": at + MICROSECOND, "anew": again, "agency, then agent": again}.get(label, begin)
    return latest, [{"agent_id": who, **span(since, until)} for who, since, until in choices[label]]


def notices(pick: Pick, at: datetime, latest: datetime) -> list[Plain]:
    """What the person was told of the agent."""
    own = "AGY1" if pick["by"] == "AGY1" else "AG1"
    soon = at - 9 * ONE_DAY
    told = {
        "of named": (own, soon),
        "of agent": ("AG1", soon),
        "of agency": ("AGY1", soon),
        "of stranger": ("AG8", soon),
        "late": (own, at - ONE_DAY),
        "at assignment": (own, latest),
        "1us after assignment": (own, latest + MICROSECOND),
        "before assignment": (own, latest - ONE_DAY),
        "1us before": (own, at - MICROSECOND),
        "now": (own, at),
        "1us ahead": (own, at + MICROSECOND),
    }.get(pick["told"])
    return [{"told_of": told[0], "at": told[1].isoformat()}] if told else []


def papers(pick: Pick, at: datetime, day: date) -> Plain | None:
    """The papers of the agent or agency named."""
    agent_id, _, agency_id = whom(pick)
    if pick["by"] == "own people" or pick["papers"] == "not on file":
        return None
    first, last = {
        "around": ("d-300", "d+300"),
        "to d": ("d-300", "d"),
        "to d-1": ("d-300", "d-1"),
        "from d": ("d", "d+300"),
        "from d+1": ("d+1", "d+300"),
        "none": ("unknown", "unknown"),
    }[pick["certificate"]]
    latest, assigned = assignments(pick, at)
    return {
        "agent_id": agent_id,
        "agency_id": agency_id,
        "certificate": None if first == "unknown" else {"first": near(first, day), "last": near(last, day)},
        "antecedents_on": near(pick["checked"], day),
        "notices": notices(pick, at, latest),
        "assignments": assigned,
    }


NO_LIMIT: Plain = {"weekdays": [], "from_second": 0, "to_second": 86_400, "classes": [], "places": []}


def wishes(pick: Pick, at: datetime, day: date) -> list[Plain]:
    """The person's wishes, beside the second, weekday, class and place of the contact; an empty window is no wish."""
    second = (at - midnight(day)) // SECOND
    own = CLASS_OF[pick["channel"]]
    other = next(name for name in EVERY_CLASS if name != own)
    place = pick["place"] if pick["place"] in PLACES else "residence"
    here, away = [day.weekday()], [(day.weekday() + 1) % 7, (day.weekday() + 3) % 7]
    exact = {"weekdays": here, "from_second": second, "to_second": second + 1}
    choices: dict[str, list[Plain]] = {
        "none": [],
        "always": [{}],
        "from now": [{"from_second": second}],
        "from the next second": [{"from_second": second + 1}],
        "to now": [{"to_second": second}],
        "to the next second": [{"to_second": second + 1}],
        "this weekday": [{"weekdays": here}],
        "another weekday": [{"weekdays": away}],
        "this class": [{"classes": [own]}],
        "another class": [{"classes": [other]}],
        "this place": [{"places": [place]}],
        "another place": [{"places": [p for p in PLACES if p != place]}],
        "agreed, workplace": [{"places": ["agreed", "workplace"]}],
        "all of it": [{"classes": [own], "places": [place], **exact}],
        "all but the class": [{"classes": [other], "places": [place], **exact}],
        "two, the second": [{"weekdays": away}, {"classes": [other, own]}],
    }
    full = [{**NO_LIMIT, **w} for w in choices[pick["wish"]]]
    return [w for w in full if w["from_second"] < w["to_second"]]


def occasions(pick: Pick, day: date) -> list[Plain]:
    """An occasion whose days lie beside the day."""
    if pick["occasion"] == "none":
        return []
    first, last = {
        "d": ("d", "d"),
        "around": ("d-5", "d+5"),
        "to d": ("d-5", "d"),
        "from d": ("d", "d+5"),
        "to d-1": ("d-5", "d-1"),
        "from d+1": ("d+1", "d+5"),
    }[pick["occasion on"]]
    return [{"kind": pick["occasion"], "scope": pick["occasion of"], "first": near(first, day), "last": near(last, day)}]
