"""Checks of one row that look at several of its columns, as SQL conditions over the typed columns."""

_HEADS = ("principal_due_paise", "interest_due_paise", "charge_due_paise")
_OWN_DATE = {
    "loan": "disbursed_on",
    "repayment": "paid_on",
    "contact": "at",
    "promise": "made_at",
    "bounce": "presented_on",
    "collection": "paid_on",
}
"""The date that an entry is about: it cannot lie after the business date."""


def row_checks(table: str, as_of: str) -> list[tuple[str, str, str]]:
    """(field, code, condition) of a table's checks across columns; as_of is an ISO date.

    >>> row_checks("relief", "2026-03-31")[0][1]
    'relief_target'
    """
    found: list[tuple[str, str, str]] = []
    if table in _OWN_DATE:
        column = _OWN_DATE[table]
        found.append((column, "future_dated", f"CAST(\"{column}\" AS DATE) > DATE '{as_of}'"))
    return found + _BY_TABLE.get(table, [])


def _instalment() -> list[tuple[str, str, str]]:
    given = " OR ".join(f"{head} IS NOT NULL" for head in _HEADS)
    said = " OR ".join(f"t_{head.removesuffix('_paise')} IS NOT NULL" for head in (*_HEADS, "total_due_paise"))
    total = " + ".join(f"coalesce({head}, 0)" for head in _HEADS)
    return [
        ("total_due", "nothing_due", f"NOT ({said})"),
        ("total_due", "heads_do_not_add_up", f"total_due_paise IS NOT NULL AND ({given}) AND total_due_paise <> {total}"),
    ]


SPOILS = {"nothing_due": f"NOT ({' OR '.join(f'{head} IS NOT NULL' for head in (*_HEADS, 'total_due_paise'))})"}
"""Code -> a cheaper condition for the mark `bad`: a row without any amount says none, or one that nobody can read."""

_BY_TABLE: dict[str, list[tuple[str, str, str]]] = {
    "instalment": _instalment(),
    "relief": [
        ("borrower_id", "relief_target", "(borrower_id IS NULL) = (pincode IS NULL)"),
        ("to_on", "window_reversed", "to_on < from_on"),
    ],
    "loan": [
        ("moratorium_to", "window_reversed", "moratorium_to < moratorium_from"),
        (
            "opening_on",
            "opening_incomplete",
            "opening_on IS NULL AND (coalesce(opening_principal_paid_paise, 0) <> 0 OR coalesce(opening_interest_paid_paise, 0) <> 0)",
        ),
    ],
}
