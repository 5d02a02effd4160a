"""Finds the row that answers a question and works a row out on given figures: how every row's example is tested.

The statements of the portfolio compute the same on whole tables; these few lines say in plain Python what a row means.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sulah.kernel.interest import half_up, simple_interest
from sulah.policy.columns import ANY, SHEETS
from sulah.policy.rows import Row

Question = Mapping[str, Any]

ASKED: dict[str, tuple[dict[str, type], ...]] = {
    "bucket": ({"dpd": int},),
    "asset_limit": ({"dpd": int}, {"due_on": date, "day_end": date}),
    "asset_age": ({"months": int},),
    "provision": ({"asset_class": str, "leg": str, "segment": str, "base_paise": int},),
    "waterfall": ({"paid_paise": int, "principal_paise": int, "interest_paise": int, "charge_paise": int},),
    "restructure": ({"months": int, "outstanding_paise": int, "received_paise": int},),
    "upgrade": ({"principal_paise": int, "interest_paise": int, "charge_paise": int},),
    "day_count": ({"due_on": date, "day_end": date, "window_from": date, "window_to": date},),
    "stage": ({"dpd": int, "npa": bool, "product": str, "ticket_paise": int},),
    "load_threshold": ({"code": str, "base": int, "moved": int},),
    "bounce_reason": ({"system": str, "code": str},),
    "presentation": ({"system": str, "tries": int, "presented_on": date, "as_of": date},),
    "ticket_band": ({"ticket_paise": int},),
    "roll_band": ({"bucket": str, "loans": int, "opening_paise": int, "forward_paise": int},),
    "written_off_keeper": ({"product": str},),
    "written_off_interest": ({"product": str, "principal_paise": int, "after": date, "until": date},),
    "written_off_waterfall": ({"paid_paise": int, "principal_paise": int, "interest_paise": int, "charge_paise": int},),
    "kfs_fee": ({"product": str, "fee": str, "amount_paise": int},),
}
"""What an example gives, per table: one of the sets of names, with their types (dates may be ISO text)."""


def question_of(table: str, given: Question) -> dict[str, Any]:
    """What an example gives, with dates as dates and dpd counted; ValueError says what it should give.

    >>> question_of("asset_limit", {"due_on": "2021-03-31", "day_end": "2021-06-29"})["dpd"]
    91
    """
    for asked in ASKED[table]:
        if set(asked) == set(given):
            question: dict[str, Any] = {name: _typed(name, given[name], asked[name]) for name in asked}
            if table == "asset_limit" and "due_on" in question:
                question["dpd"] = max(0, (question["day_end"] - question["due_on"]).days + 1)
            return question
    raise ValueError(f"an example of {table} gives {' or '.join(', '.join(asked) for asked in ASKED[table])}")


def _typed(name: str, value: object, wanted: type) -> object:
    if wanted is date and isinstance(value, str):
        return date.fromisoformat(value)
    if type(value) is not wanted:
        raise ValueError(f"{name} should be {wanted.__name__}, not {value!r}")
    return value


def fits(pattern: str, code: str) -> bool:
    """Does a product code fit a row's product: the code itself, or its beginning followed by `*`, in either case?

    >>> fits("JLG*", "JLG-WEEKLY"), fits("JLG", "JLG-WEEKLY"), fits("*", "")
    (True, False, True)
    """
    asked, given = code.upper(), pattern.upper()
    return asked.startswith(given[:-1]) if given.endswith(ANY) else asked == given


def answers(row: Row, question: Question) -> bool:
    """Does the row answer the question, by its ranges (both ends included), keys and product?"""
    sheet = SHEETS[row.table]
    in_ranges = all(_int(row, first) <= question[name] <= _int(row, last) for name, first, last in sheet.ranges)
    by_keys = all(row.values[key] in (question[key], ANY) for key in sheet.keys)
    return in_ranges and by_keys and all(fits(str(row.values[name]), question[name]) for name in sheet.globs)


def _int(row: Row, name: str) -> int:
    return int(row.values[name])  # type: ignore[arg-type]  # a range's ends are whole numbers: read.py has refused all else


def answer(rows: Iterable[Row], question: Question) -> Row:
    """The one row that answers: smallest priority, then fewest `*`, then the closest product; LookupError for none, or more than one.

    >>> from sulah.policy.load import load_policy
    >>> rows = load_policy().tables["stage"]
    >>> [answer(rows, {"dpd": 20, "npa": False, "product": p, "ticket_paise": 0}).rule_id for p in ("JLG-W", "PL")]
    ['STG-JLG-1-30', 'STG-1-30']
    """
    found = sorted((row for row in rows if answers(row, question)), key=_rank)
    if not found:
        raise LookupError(f"no row answers {dict(question)}")
    if len(found) > 1 and _rank(found[0]) == _rank(found[1]):
        raise LookupError(f"both {found[0].rule_id} and {found[1].rule_id} answer {dict(question)}")
    return found[0]


def _rank(row: Row) -> tuple[int, int, tuple[int, bool]]:
    sheet = SHEETS[row.table]
    stars = sum(row.values[key] == ANY for key in sheet.keys)
    if "priority" in row.values or not sheet.globs:
        return (_int(row, "priority") if "priority" in row.values else 0, stars, (0, False))
    length, exact = closeness(row)
    return (0, stars, (-length, not exact))


def closeness(row: Row) -> tuple[int, bool]:
    """How closely a row names a product: the letters that it names, and whether they are the whole code."""
    named = str(row.values["product"])
    return len(named.removesuffix(ANY)), not named.endswith(ANY)


def work(row: Row, question: Question) -> dict[str, Any]:
    """All that the row says for the question: its own values, and what is computed from them.

    >>> from sulah.policy.load import load_policy
    >>> policy = load_policy()
    >>> work(policy.rule("PRV-BANK-SUB-SEC"), {"base_paise": 10_00_001})["provision_paise"]
    150000
    """
    compute = _COMPUTED.get(row.table)
    return {**row.values, **question, **(compute(row.values, question) if compute else {})}


def _provision(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    return {"provision_paise": (given["base_paise"] * values["rate_bps"] + 5_000) // 10_000}  # half a paisa goes up


def _settled(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    left, settled = given["paid_paise"], {}
    for head in sorted(("principal", "interest", "charge"), key=lambda head: values[f"{head}_place"]):
        settled[f"{head}_paise"] = min(left, given[f"{head}_paise"])
        left -= settled[f"{head}_paise"]
    return settled


def _watch(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    enough = given["received_paise"] * 100 >= given["outstanding_paise"] * values["repaid_percent"]
    return {"watch_over": given["months"] >= values["watch_months"] and enough}


def _upgraded(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    arrears = given["principal_paise"] + given["interest_paise"] + (given["charge_paise"] if values["charges_included"] else 0)
    return {"upgraded": arrears == 0}


def _paused(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    """Days past due with one known window that stops the count, by ADR 2 point 9."""
    due_on, day_end, first, last = (given[name] for name in ("due_on", "day_end", "window_from", "window_to"))
    touches = first <= day_end and last >= due_on
    begin = first if values["pause_rule"] == "whole_window" else max(first, due_on)
    off = (min(last, day_end) - begin).days + 1 if touches else 0
    return {"dpd": max(0, (day_end - due_on).days + 1 - off)}


def _held(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    return {"held": given["moved"] * 10_000 > values["percent_bps"] * given["base"]}


def _presented(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    """The first day on which a debit returned for want of funds may be presented again, if the tries of its cycle are not used up."""
    soonest = max(given["as_of"] + timedelta(days=values["notice_days"]), given["presented_on"] + timedelta(days=values["gap_days"]))
    return {"again": given["tries"] < values["tries"], "present_on": soonest.isoformat()}


def _outside(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    """Above or below the band at the end of a month; too small a cohort is not judged."""
    share, opening = given["forward_paise"] * 10_000, given["opening_paise"]
    outside = share > values["forward_to_bps"] * opening or share < values["forward_from_bps"] * opening
    return {"alert": given["loans"] >= values["least_loans"] and outside}


def _accrued(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    exact = simple_interest(given["principal_paise"], values["rate_bps"], values["basis"], given["after"], given["until"])
    return {"interest_paise": half_up(exact)}


def _listed(values: Mapping[str, Any], given: Question) -> dict[str, Any]:
    return {"allowed": 0 < given["amount_paise"] <= values["most_paise"]}


_COMPUTED: dict[str, Callable[[Mapping[str, Any], Question], dict[str, Any]]] = {
    "provision": _provision,
    "waterfall": _settled,
    "restructure": _watch,
    "upgrade": _upgraded,
    "day_count": _paused,
    "load_threshold": _held,
    "presentation": _presented,
    "roll_band": _outside,
    "written_off_interest": _accrued,
    "written_off_waterfall": _settled,
    "kfs_fee": _listed,
}
