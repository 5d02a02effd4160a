"""Stops and contacts so far, beside the instant of the contact."""

from collections.abc import Callable
from datetime import date, datetime

from tests.oracle.book import CHANNELS, CLASS_OF, PURPOSES
from tests.oracle.cases import Plain
from tests.oracle.factors import MICROSECOND, SECOND, STATES
from tests.oracle.moments import HOUR, ONE_DAY, Pick, midnight, span


def key(pick: Pick, named: list[str]) -> str:
    """The key of a stop that fits the contact, or of one that just does not."""
    other = CHANNELS[CHANNELS.index(pick["channel"]) - 1]
    fits, misses = {
        "person": ("p-1", "p-2"),
        "number": ("n-1", "n-2"),
        "channel": (pick["channel"], other),
        "loan": (named[-1] if named else "L1", "L8"),
        "household": ("h-1", "h-2"),
        "pincode": ("560001", "560002"),
        "agent": ("AG1", "AG8"),
        "agency": ("AGY1", "AGY8"),
        "channel_all": (pick["channel"], other),
        "lender": ("", "elsewhere"),
    }[pick["scope"]]
    return fits if pick["key"] == "fits" else misses


def stops(pick: Pick, at: datetime, named: list[str]) -> list[Plain]:
    """The stop of the event and scope chosen, and one of a payment."""
    made = []
    spans = {
        "since 1h": (at - HOUR, None),
        "since now": (at, None),
        "from 1us ahead": (at + MICROSECOND, None),
        "to now": (at - HOUR, at),
        "to 1us ahead": (at - HOUR, at + MICROSECOND),
        "ended": (at - 9 * ONE_DAY, at - ONE_DAY),
        "from tomorrow": (at + ONE_DAY, at + 9 * ONE_DAY),
    }
    if pick["event"] != "none":
        made.append({"event": pick["event"], "scope": pick["scope"], "key": key(pick, named), **span(*spans[pick["stopped"]])})
    paid = {
        "person": ("person", "p-1", "since 1h"),
        "another person": ("person", "p-2", "since 1h"),
        "L1": ("loan", "L1", "since now"),
        "L2": ("loan", "L2", "since 1h"),
        "L1 to now": ("loan", "L1", "to now"),
        "L1 to 1us ahead": ("loan", "L1", "to 1us ahead"),
        "L1 from 1us ahead": ("loan", "L1", "from 1us ahead"),
        "household": ("household", "h-1", "since 1h"),
    }.get(pick["paid"])
    if paid:
        made.append({"event": "paid", "scope": paid[0], "key": paid[1], **span(*spans[paid[2]])})
    return made


BEGUN: dict[str, Callable[[datetime, date, int], datetime]] = {
    "first of d": lambda at, day, i: midnight(day),
    "last of d": lambda at, day, i: midnight(day) + ONE_DAY - MICROSECOND,
    "last of d-1": lambda at, day, i: midnight(day) - MICROSECOND,
    "first of d-6": lambda at, day, i: midnight(day) - 6 * ONE_DAY,
    "last of d-7": lambda at, day, i: midnight(day) - 6 * ONE_DAY - MICROSECOND,
    "1us before": lambda at, day, i: at - MICROSECOND,
    "first of d+1": lambda at, day, i: midnight(day) + ONE_DAY,
    "d+30": lambda at, day, i: at + 30 * ONE_DAY,
    "one a day": lambda at, day, i: midnight(day) - i * ONE_DAY + 12 * HOUR,
}


def contact(channel: str, purpose: str, state: str, at: datetime) -> Plain:
    """A contact of the ledger."""
    known_purpose = None if purpose == "unknown" else purpose
    source = "agency_file" if known_purpose is None else "ours"
    return {
        "at": at.isoformat(),
        "channel": channel,
        "purpose": known_purpose,
        "state": state,
        "source": source,
    }


def contacts(pick: Pick, at: datetime, day: date) -> list[Plain]:
    """The contacts so far, and whoever is on the line."""
    channel = pick["channel"]
    siblings = [c for c in CHANNELS if CLASS_OF[c] == CLASS_OF[channel]]
    away = next(c for c in ("visit", "call") if CLASS_OF[c] != CLASS_OF[channel])
    begun = BEGUN[pick["their age"]]
    made = []
    for i in range(int(pick["contacts"])):
        over = {"same": channel, "same, other channel": siblings[i % len(siblings)], "another": away}.get(pick["their class"])
        state = STATES[i % len(STATES)] if pick["their state"] == "all in turn" else pick["their state"]
        purpose = (*PURPOSES, "unknown")[i * 5 % 12] if pick["their purpose"] == "all in turn" else pick["their purpose"]
        made.append(contact(over or CHANNELS[i % 8], purpose, state, begun(at, day, i)))
    line = {
        "reserved": ("call", "reserved", at - SECOND),
        "ringing": ("bot_call", "ringing", at),
        "connected": ("call", "connected", at - SECOND),
        "ringing a month ago": ("call", "ringing", at - 30 * ONE_DAY),
        "ringing ahead": ("call", "ringing", at + HOUR),
        "visit reserved": ("visit", "reserved", at - 40 * ONE_DAY),
    }.get(pick["line"])
    return [*made, contact(line[0], "receipt", line[1], line[2])] if line else made
