"""The states to compare on: families beside lawful contacts, every edge of the clock, ledgers beside every cap, and every triple of levels.

A state is a row of level numbers, one for each factor of factors.py. The usual cover has USUAL rows in which every three levels of
three factors meet; a whole one has WHOLE, the usual ones among them. Both are the same on every run, and in parts for several processes.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from tests.depth import so_many
from tests.oracle.book import CHANNELS, CLASS_OF, ENTITIES, MESSAGES, PURPOSES
from tests.oracle.factors import EVENTS, FACTORS, NAMES, SCOPES, SIZES, STATES, TIMES
from tests.oracle.variants import VARIANTS

Rows = NDArray[np.uint8]
Levels = Mapping[str, str]
USUAL, WHOLE = 68_000, 5_000_000
A_CHUNK = 50_000
PARTS = so_many(33, 4)
"""The cover in parts of about the same length, for as many processes; odd, so that each has chunks of both kinds."""
ROOM_FOR_REPAIRS = 13_000
BY_CHANCE = 40_000
SEED = 20_261_122
FOR_PURPOSE: dict[str, Levels] = {"pre_due": {"overdue on L1": "0"}, "session_answer": {"wrote": "1h"}}
DAYS_IN_TURN = ("2026-11-24", "2027-02-28", "2028-02-29")  # the second is a Sunday


def row_of(*changes: Levels) -> list[int]:
    """The lawful row with some levels changed."""
    row = [0] * len(NAMES)
    for change in changes:
        for name, level in change.items():
            row[NAMES.index(name)] = FACTORS[name].index(level)
    return row


def rows_of(rows: Iterable[list[int]]) -> Rows:
    """Rows as an array."""
    return np.array(list(rows), dtype=np.uint8).reshape(-1, len(NAMES))


def is_lawful(channel: str, purpose: str) -> bool:
    """May a contact of this purpose go over this channel at all?"""
    if purpose == "session_answer":
        return channel in MESSAGES
    return purpose != "otp" or channel in (*MESSAGES, "bot_call")


def lawful_contacts() -> list[list[int]]:
    """A lawful row for every channel and purpose that go together, the kinds of lender in turn."""
    pairs = [(channel, purpose) for channel, purpose in product(CHANNELS, PURPOSES) if is_lawful(channel, purpose)]
    return [
        row_of({"channel": channel, "purpose": purpose, "entity": ENTITIES[i % 6]}, FOR_PURPOSE.get(purpose, {}))
        for i, (channel, purpose) in enumerate(pairs)
    ]


def beside(base: list[int]) -> list[list[int]]:
    """A row, and every row that differs from it in one factor."""
    family = [base]
    for factor, size in enumerate(SIZES):
        family += [[*base[:factor], level, *base[factor + 1 :]] for level in range(size) if level != base[factor]]
    return family


def stopped(base: list[int]) -> list[list[int]]:
    """A row, and every row in which one stop was raised: any event and scope, the contact's own or another's; the edges of its time."""
    names = ("event", "scope", "key", "stopped")
    choices = [*product(EVENTS, SCOPES, FACTORS["key"], ["since 1h"])]
    choices += [(event, scope, "fits", since) for event, scope in STOP_ROWS for since in FACTORS["stopped"]]
    family = [base]
    for choice in choices:
        row = list(base)
        for name, level in zip(names, choice, strict=True):
            row[NAMES.index(name)] = FACTORS[name].index(level)
        family.append(row)
    return family


STOP_ROWS = (
    ("agency_stopped", "agency"),
    ("agent_stopped", "agent"),
    ("calamity", "pincode"),
    ("channel_stopped", "channel_all"),
    ("complaint", "person"),
    ("court", "person"),
    ("death", "loan"),
    ("death", "person"),
    ("dispute", "loan"),
    ("hardship", "person"),
    ("legal_hold", "person"),
    ("lender_stopped", "lender"),
    ("opt_out", "channel"),
    ("paid", "loan"),
    ("promise", "loan"),
    ("restored", "lender"),
    ("wrong_number", "number"),
)


def stops() -> Rows:
    """Every row of stops for each purpose and kind of lender, over the channels in turn."""
    made = []
    for i, ((event, scope), purpose, entity) in enumerate(product(STOP_ROWS, PURPOSES, ENTITIES)):
        contact = {"channel": CHANNELS[i % 8], "purpose": purpose, "entity": entity, "stray": "yes"}
        made.append(row_of(FOR_PURPOSE.get(purpose, {}), contact, {"event": event, "scope": scope}))
    return rows_of(made)


@cache
def families() -> tuple[Rows, ...]:
    """Families of rows: the first of each is a lawful contact, or nearly one, and the others differ from it in one fact."""
    contacts = lawful_contacts()
    some = [row for i, row in enumerate(contacts) if i % so_many(1, 12) == 0 or row[NAMES.index("purpose")] == 0]
    varied = [row_of(FOR_PURPOSE.get(v.get("purpose", ""), {}), v) for v in VARIANTS]
    close = [rows_of(beside(base)) for base in [*some, *varied]]
    return (*close, *[rows_of(stopped(base)) for base in contacts[:: so_many(1, 9)]])


def edges() -> Rows:
    """Every second and microsecond beside a limit of hours, for each channel and purpose; Sundays and loan types in turn."""
    loans = [{"type of L1": a, "L2": b, "L1 is": c} for a, b, c in product(FACTORS["type of L1"], FACTORS["L2"], ("open", "closed"))]
    made = []
    for i, (time, channel, purpose) in enumerate(product(TIMES, CHANNELS, PURPOSES)):
        contact = {"time": time, "channel": channel, "purpose": purpose, "day": DAYS_IN_TURN[i % 3], "entity": ENTITIES[i % 6]}
        made.append(row_of(FOR_PURPOSE.get(purpose, {}), contact, loans[i * 5 % len(loans)]))
    return rows_of(made)


def ledgers() -> Rows:
    """One below, at and above each cap: counts by state and age for each class, purposes in turn."""
    channels = {CLASS_OF[channel]: channel for channel in CHANNELS}
    states = ("all in turn", *STATES) if so_many(1, 0) else ("all in turn", "sent", "ambiguous", "failed")
    ages = FACTORS["their age"]
    made = []
    for i, (channel, count, state, age) in enumerate(product(channels.values(), FACTORS["contacts"], states, ages)):
        purpose = ("unknown", "recovery", "receipt", "all in turn", "information")[i % 5]
        kind = ("same", "same, other channel", "another")[i % 7 // 3]
        levels = {"contacts": count, "their state": state, "their age": age, "their purpose": purpose, "their class": kind}
        made.append(row_of({"channel": channel, "entity": ENTITIES[i % 6], **levels}))
    return rows_of(made)


def scattered(random: np.random.Generator, count: int) -> Rows:
    """Rows in which every factor takes its levels evenly and by chance."""
    columns = [random.permutation(np.arange(count) % size) for size in SIZES]
    return np.stack(columns, axis=1).astype(np.uint8)


def strayed(random: np.random.Generator, count: int) -> Rows:
    """Lawful contacts in which three factors, more or less, were changed by chance."""
    bases = np.concatenate([family[:1] for family in families()])
    changed = random.random((count, len(NAMES))) < 3 / len(NAMES)
    return np.where(changed, scattered(random, count), bases[random.integers(len(bases), size=count)])


def missing(rows: Rows) -> tuple[int, int, list[tuple[tuple[int, int], ...]]]:
    """(triples met, triples that there are, those not met), a triple being three levels of three factors: ((factor, level), ...)."""
    wide = [np.ascontiguousarray(rows[:, factor]).astype(np.intp) for factor in range(len(NAMES))]
    met, total, absent = 0, 0, []
    for a, b in combinations(range(len(NAMES)), 2):
        pair = wide[a] * SIZES[b] + wide[b]
        for c in range(b + 1, len(NAMES)):
            seen = np.zeros(SIZES[a] * SIZES[b] * SIZES[c], dtype=np.bool_)
            seen[pair * SIZES[c] + wide[c]] = True
            hit = int(np.count_nonzero(seen))
            met, total = met + hit, total + seen.size
            if hit < seen.size:
                shape = (SIZES[a], SIZES[b], SIZES[c])
                for levels in np.argwhere(~seen.reshape(shape)).tolist():
                    absent.append(tuple(zip((a, b, c), levels, strict=True)))
    return met, total, absent


def repairs(random: np.random.Generator, absent: list[tuple[tuple[int, int], ...]]) -> Rows:
    """Rows that meet the triples not met yet, as many of them in one row as the last rows opened have room for."""
    opened: list[dict[int, int]] = []
    for triple in sorted(absent, key=lambda t: (t[0], t[1])):
        for row in opened[-40:]:
            if all(row.get(factor, level) == level for factor, level in triple):
                row.update(triple)
                break
        else:
            opened.append(dict(triple))
    rows = scattered(random, len(opened))
    for i, row in enumerate(opened):
        for factor, level in row.items():
            rows[i, factor] = level
    return rows


@cache
def usual() -> Rows:
    """The usual cover: USUAL rows, more in a whole run, in which every triple of levels meets."""
    random = np.random.default_rng(SEED)
    planned = np.concatenate([*families(), edges(), stops(), ledgers()])
    rows = np.concatenate([planned, scattered(random, so_many(BY_CHANCE, USUAL - len(planned) - ROOM_FOR_REPAIRS))])
    rows = np.concatenate([rows, repairs(random, missing(rows)[2])])
    return np.concatenate([rows, scattered(random, max(USUAL - len(rows), 0))])


def chunks(rows: int, part: int) -> list[tuple[int, int]]:
    """(number, length) of the chunks of so many rows that lie in a part."""
    return [(chunk, min(A_CHUNK, rows - chunk * A_CHUNK)) for chunk in range(part, -(-rows // A_CHUNK), PARTS)]


def cover(part: int = 0) -> Iterator[Rows]:
    """The rows of one of the PARTS of this run, in chunks, each made by itself.

    The parts together are the usual cover, and in a whole run as many beside lawful contacts and by chance as make WHOLE.
    """
    yield usual()[part::PARTS]
    for chunk, count in chunks(so_many(WHOLE - len(usual()), 0), part):
        random = np.random.default_rng((SEED, chunk))
        yield strayed(random, count) if chunk % 2 else scattered(random, count)
