"""Is a table complete on one day: exactly one answer to every question?  Each check reads the rows in force together."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from re import fullmatch
from typing import NamedTuple

from sulah.policy.columns import ANY, LEGS, OPEN_DAYS, OPEN_MONTHS, OPEN_PAISE, SHEETS
from sulah.policy.rows import Row
from sulah.policy.worked import answers, closeness


class Problem(NamedTuple):
    """What is wrong with rows that are in force together."""

    code: str
    field: str
    words: str


Check = Callable[[Sequence[Row]], Iterator[Problem]]


def _number(row: Row, name: str) -> int:
    return int(row.values[name])  # type: ignore[arg-type]  # read.py lets only whole numbers into such columns


def _without_gap(first: str, last: str, end: int) -> Check:
    """Every value from 0 to end lies in exactly one row."""

    def check(rows: Sequence[Row]) -> Iterator[Problem]:
        """Gaps and overlaps between neighbours, in the order of the range."""
        reached, before = -1, "the beginning"
        for row in sorted(rows, key=lambda row: (_number(row, first), _number(row, last))):
            begin = _number(row, first)
            if begin > reached + 1:
                words = f"no row answers for {reached + 1} to {begin - 1} (after {before}); close the gap"
                yield Problem("policy_gap", first, words)
            elif begin <= reached:
                words = f"{before} and {row.rule_id} both answer for {begin} to {min(reached, _number(row, last))}; let one of them end"
                yield Problem("policy_overlap", first, words)
            if _number(row, last) > reached:
                reached, before = _number(row, last), row.rule_id
        if reached < end:
            yield Problem("policy_gap", last, f"no row answers for {reached + 1} and more (after {before}); the open end is {end}")

    return check


def _in_order(name: str, by: str, order: tuple[str, ...]) -> Check:
    """Every term appears exactly once, and worse ones lie higher."""

    def check(rows: Sequence[Row]) -> Iterator[Problem]:
        """The terms as the rows have them, against the terms as they must be."""
        found = tuple(str(row.values[name]) for row in sorted(rows, key=lambda row: _number(row, by)))
        if found != order:
            words = f"the order by {by} is {', '.join(found) or 'empty'}; it must be {', '.join(order)}, each once"
            yield Problem("policy_disorder", name, words)

    return check


def _places_follow(rows: Sequence[Row]) -> Iterator[Problem]:
    """Places are 1, 2, 3 ... in the order of days past due, and no two buckets have the same name."""
    ordered = sorted(rows, key=lambda row: _number(row, "dpd_from"))
    if [row.values["place"] for row in ordered] != list(range(1, len(rows) + 1)):
        yield Problem("policy_disorder", "place", "the places of the buckets must be 1, 2, 3 and so on, in the order of days past due")
    if len({row.values["bucket"] for row in rows}) != len(rows):
        yield Problem("policy_overlap", "bucket", "two buckets have the same name")


def _exactly_one(rows: Sequence[Row]) -> Iterator[Problem]:
    """One row is in force, no more and no less."""
    if not rows:
        yield Problem("policy_gap", "", "no row is in force; one is needed on every day")
    if len(rows) > 1:
        listed = " and ".join(row.rule_id for row in rows)
        yield Problem("policy_overlap", "", f"{listed} are in force together; end one with [[remove]] and a last_day")


def _one_for_each(table: str, name: str) -> Check:
    """Each term that the column may hold has its row once."""
    terms = next(column.one_of for column in SHEETS[table].columns if column.name == name)

    def check(rows: Sequence[Row]) -> Iterator[Problem]:
        """The terms without a row, or with more than one."""
        for term in terms:
            for problem in _exactly_one([row for row in rows if row.values[name] == term]):
                yield problem._replace(field=name, words=f"{term}: {problem.words}")

    return check


def _bands_run_upwards(rows: Sequence[Row]) -> Iterator[Problem]:
    """The lower edge of a band lies below its upper edge."""
    for row in rows:
        if _number(row, "forward_from_bps") > _number(row, "forward_to_bps"):
            words = f"{row.rule_id}: the lower edge lies above the upper one; every month would be outside"
            yield Problem("policy_disorder", "forward_from_bps", words)


def _slots_are_hours(rows: Sequence[Row]) -> Iterator[Problem]:
    """The hours are `any`, or spans such as 13:00-17:00 that follow each other."""
    for row in rows:
        slots = str(row.values["slots"])
        ends = [end for slot in slots.split() for end in slot.split("-")]
        times = all(fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", end) for end in ends) and all(
            slot.count("-") == 1 for slot in slots.split()
        )
        if slots != "any" and not (times and ends == sorted(set(ends))):
            words = f"{row.rule_id}: {slots!r} is not `any` and not spans such as 00:00-10:00 13:00-17:00, each after the one before"
            yield Problem("policy_disorder", "slots", words)


def _one_per_return_code(rows: Sequence[Row]) -> Iterator[Problem]:
    """Each code of a system has one meaning, and each system one row for the codes that have none."""
    found: dict[tuple[str, str], list[Row]] = {(system, ANY): [] for system in ("nach", "upi")}
    for row in rows:
        found.setdefault((str(row.values["system"]), str(row.values["code"])), []).append(row)
    for (system, code), same in found.items():
        for problem in _exactly_one(same):
            yield problem._replace(field="code", words=f"{system} {code}: {problem.words}")


def _provision_whole(rows: Sequence[Row]) -> Iterator[Problem]:
    """One way to provide, and for every class and leg of it one row that serves all segments, and at most one for each named segment."""
    methods = sorted({str(row.values["method"]) for row in rows})
    if len(methods) != 1:
        yield Problem(
            "policy_overlap" if methods else "policy_gap", "method", f"one way to provide is needed, not {', '.join(methods) or 'none'}"
        )
        return
    legs = {(name, leg) for name, listed in LEGS[methods[0]].items() for leg in listed}
    segments: dict[tuple[str, str], list[str]] = {pair: [] for pair in sorted(legs)}
    for row in rows:
        pair = (str(row.values["asset_class"]), str(row.values["leg"]))
        if pair not in legs:
            yield Problem(
                "policy_stray_leg", "leg", f"{row.rule_id}: {methods[0]} has no leg {pair[1]} for class {pair[0]}; nothing would use it"
            )
        segments.setdefault(pair, []).append(str(row.values["segment"]))
    for (name, leg), listed in segments.items():
        if ANY not in listed:
            yield Problem(
                "policy_gap", "segment", f"class {name}, leg {leg}: there is no row for segment *, which serves all without their own"
            )
        for segment in sorted({item for item in listed if listed.count(item) > 1}):
            yield Problem("policy_overlap", "segment", f"class {name}, leg {leg}: more than one row for segment {segment}")


def _starts(rows: Sequence[Row], first: str, last: str, end: int) -> list[tuple[int, int]]:
    """The spans into which the rows' ranges cut 0..end: within one span the same rows answer."""
    cuts = {0, end + 1} | {_number(row, first) for row in rows} | {_number(row, last) + 1 for row in rows}
    return [(low, high - 1) for low, high in pairwise(sorted(cut for cut in cuts if cut <= end + 1))]


def _sample_codes(rows: Sequence[Row]) -> list[str]:
    """Product codes that stand for all: each row's own beginning, one longer than it, and one that no row names."""
    named = {str(row.values["product"]).removesuffix(ANY) for row in rows}
    return sorted({"~"} | {code for name in named if name for code in (name, name + "~")})


def _ladder(rows: Sequence[Row]) -> Iterator[Problem]:
    """Exactly one plan for everybody overdue and everybody NPA, by product and ticket; a closer product goes first."""
    dpds = _starts(rows, "dpd_from", "dpd_to", OPEN_DAYS)
    tickets = _starts(rows, "ticket_from_paise", "ticket_to_paise", OPEN_PAISE)
    told: set[tuple[str, str, bool, int]] = set()
    for npa, (low, high), code, (ticket, _) in product((False, True), dpds, _sample_codes(rows), tickets):
        found = [row for row in rows if answers(row, {"npa": npa, "dpd": high, "product": code, "ticket_paise": ticket})]
        whom = f"dpd {max(low, 0 if npa else 1)} to {high}{' (NPA)' if npa else ''}, product {code}, ticket from {ticket} paise"
        for problem in _one_plan(found, whom, needed=npa or high > 0):
            key = (problem.code, problem.words.partition(" for dpd")[0], npa, high)
            if key not in told:
                told.add(key)
                yield problem


def _one_plan(found: Sequence[Row], whom: str, *, needed: bool) -> Iterator[Problem]:
    """Exactly one of the rows that answer goes first, and it is the one whose product is named most closely."""
    if not found:
        if needed:
            yield Problem("policy_gap", "dpd_from", f"nothing is planned for {whom}; add a row, or widen one")
        return
    best = min(_number(row, "priority") for row in found)
    first = [row for row in found if _number(row, "priority") == best]
    if len(first) > 1:
        listed = " and ".join(row.rule_id for row in first)
        yield Problem(
            "policy_overlap", "priority", f"{listed} have the same priority for {whom}; give the one that goes first a smaller number"
        )
        return
    closest = max(found, key=closeness)
    if closeness(closest) > closeness(first[0]):
        words = f"{first[0].rule_id} goes before {closest.rule_id}, whose product is closer, for {whom}; swap their priorities"
        yield Problem("policy_general_first", "priority", words)


def _once_a_product(*more: str, needed: bool) -> Check:
    """No product is named twice (together with the other columns); needed: one row serves every product that has none."""

    def check(rows: Sequence[Row]) -> Iterator[Problem]:
        """The rows by what they name."""
        found: dict[tuple[str, ...], list[Row]] = {(ANY,): []} if needed else {}
        for row in rows:
            found.setdefault(tuple(str(row.values[name]).upper() for name in ("product", *more)), []).append(row)
        for named, same in found.items():
            for problem in _exactly_one(same):
                yield problem._replace(field="product", words=f"{' '.join(named)}: {problem.words}")

    return check


_DPD = _without_gap("dpd_from", "dpd_to", OPEN_DAYS)

TABLE_CHECKS: dict[str, tuple[Check, ...]] = {
    "bucket": (_DPD, _places_follow),
    "asset_limit": (_DPD, _in_order("class", "dpd_from", ("standard", "sma_0", "sma_1", "sma_2", "npa"))),
    "asset_age": (
        _without_gap("months_from", "months_to", OPEN_MONTHS),
        _in_order("asset_class", "months_from", ("sub_standard", "doubtful_1", "doubtful_2", "doubtful_3")),
    ),
    "provision": (_provision_whole,),
    "waterfall": (_exactly_one,),
    "restructure": (_exactly_one,),
    "upgrade": (_exactly_one,),
    "day_count": (_exactly_one,),
    "stage": (_ladder,),
    "load_threshold": (_one_for_each("load_threshold", "code"),),
    "bounce_reason": (_one_per_return_code,),
    "ticket_band": (_without_gap("ticket_from_paise", "ticket_to_paise", OPEN_PAISE),),
    "roll_band": (_one_for_each("roll_band", "bucket"), _bands_run_upwards),
    "presentation": (_one_for_each("presentation", "system"), _slots_are_hours),
    "written_off_keeper": (_once_a_product(needed=True),),
    "written_off_interest": (_once_a_product(needed=True),),
    "written_off_waterfall": (_exactly_one,),
    "kfs_fee": (_once_a_product("fee", needed=False),),
}
"""The checks of the rows of a table that are in force together."""
