"""Writes the pages of docs/policy from the tables themselves: `python -m sulah.policy.pages docs/policy`; a test holds that they agree."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from sulah.kernel.dates import FOREVER, day_text
from sulah.policy.columns import ALL_SHEETS, ANY, OPEN_DAYS, OPEN_MONTHS, OPEN_PAISE, SHEETS, Column, columns
from sulah.policy.contact_page import contact_page
from sulah.policy.load import load_contact_policy, load_policy
from sulah.policy.rows import Policy, Row, Value

_OPEN = {"dpd_to": OPEN_DAYS, "months_to": OPEN_MONTHS, "ticket_to_paise": OPEN_PAISE}

_INDEX = """# Policy: what a lender may change

*Written from the tables by `python -m sulah.policy.pages docs/policy`; do not edit by hand.*

Rules are dated rows with a citation. Sulah comes with the rows below; a lender lays its own over them in files `policy/<table>.toml`
of its folder. There are two books.

## What a day runs on

A committed day records all of these rows, with their SHA-256.

{tables}

## What is asked before a contact

No day reads or records these rows: a changed rule of contact changes no day. **[The contact rules](contact.md)** says all of them in plain
words, for an inspector to read from top to bottom; the tables are:

{contact}

## How a lender changes a row

A `[[row]]` in `policy/<table>.toml` replaces the shipped row of the same `rule_id` **as a whole**, or adds one; it must name every column
(a contact rule may leave out those that its question does not use), its own citation and its own worked example. A `[[remove]]` ends a row:
with `last_day` it stays in force until the end of that day, without one it never was. To change a rule from a day on, end the old row the
day before and add one with a new `rule_id`:

```toml
{sample}
```

The check then runs every row's example and looks at every kind of lender on every day on which anything changes: no gap, no overlap, a
source for each row. A departure from a row that states law is told, not refused, so that the compliance officer signs it. The contact rules
must make a whole fence as well: [what that means](contact.md). `sulah check` looks at both books.

## How to read the source of a row

| confidence | meaning |
|---|---|
| A | read in the regulator's own text, or a page that reproduces it |
| B | read in press, law-firm or industry pages |
| C | general knowledge of the instrument, not read again: `verify` is always true |
| POLICY | a cautious default of our own; there is no legal number |

Rows with `verify` must be confirmed by the lender's compliance officer before they are relied on. This is not legal advice. All rows that a
day runs on begin in 1990, so that the class of a book can be folded over all its past day-ends by one meaning; where the law was different
then, the row does not know it. A row of `status` draft states a consultation; it always carries `verify`.

## What these tables do not know

- Crop loans, whose NPA is counted in seasons.
- Expected credit loss: commercial banks from 1 Apr 2027, NBFCs under Ind AS (only the floor is computed).
- The value of security: a loan is secured or unsecured as its extract says, as a whole.
- The extra 5% for loans restructured after a calamity.
"""

_SAMPLE = """# policy/waterfall.toml: charges first, from 1 Apr 2026 on
[[remove]]
rule_id = "WTF-INTEREST-PRINCIPAL-CHARGE"
last_day = 2026-03-31

[[row]]
rule_id = "OWN-WTF-CHARGE-FIRST"
order_name = "charge_interest_principal"
charge_place = 1
interest_place = 2
principal_place = 3
entity_types = ["*"]
effective_from = 2026-04-01
status = "policy"
citation = "Loan agreement of April 2026, clause 7"
confidence = "POLICY"
example.given = { paid_paise = 100, principal_paise = 90, interest_paise = 30, charge_paise = 5 }
example.expect = { principal_paise = 65 }"""


def pages(policy: Policy, contact: Policy) -> dict[str, str]:
    """The text of every page by file name: one a table of both books, contact.md, and README.md as their index.

    >>> sorted(pages(load_policy(), load_contact_policy()))[:3]
    ['README.md', 'asset_age.md', 'asset_limit.md']
    """
    index = _INDEX.format(tables=_listed(policy), contact=_listed(contact), sample=_SAMPLE)
    tables = {f"{table}.md": "\n".join(_page(book, table)) + "\n" for book in (policy, contact) for table in book.sheets}
    return {"README.md": index, "contact.md": contact_page(contact), **tables}


def _listed(book: Policy) -> str:
    """The tables of a book, one a line."""
    return "\n".join(f"- [{table}]({table}.md): {ALL_SHEETS[table].meaning} {_counted(book.tables[table])}" for table in book.sheets)


def _counted(rows: Sequence[Row]) -> str:
    doubtful = sum(row.verify for row in rows)
    return f"{len(rows)} row{'s' if len(rows) > 1 else ''}" + (f", {doubtful} to be verified." if doubtful else ".")


def _page(policy: Policy, table: str) -> Iterator[str]:
    sheet, rows = ALL_SHEETS[table], policy.tables[table]
    file = f"{'tables' if table in SHEETS else 'contact'}/{table}.toml"
    yield f"# {table}\n\n*Written from the rows in `{file}`; do not edit by hand. How to change a row: [README](README.md).*\n"
    yield f"{sheet.meaning}\n\n**What a lender may change.** {sheet.freedom}\n\n## Columns\n\n| column | type | meaning |\n|---|---|---|"
    yield from (f"| `{column.name}` | {column.kind.value} | {_meaning(column)} |" for column in columns(table))
    names = [column.name for column in sheet.columns]
    yield f"\n## Rows as shipped\n\n| rule_id | {' | '.join(names)} | binds | in force | source |\n|{'---|' * (len(names) + 4)}"
    yield from (_line(row, names) for row in rows)
    yield "\n## Sources\n"
    yield from _sources(rows)
    yield "\n## Worked examples, run as tests\n\n| rule_id | given | expected |\n|---|---|---|"
    yield from (f"| {row.rule_id} | {_pairs(row.example['given'])} | {_pairs(row.example['expect'])} |" for row in rows)


def _meaning(column: Column) -> str:
    several = f" `*`, or some of: {', '.join(f'`{item}`' for item in column.some_of)}." if column.some_of else ""
    return column.meaning + several + (f" One of: {', '.join(f'`{item}`' for item in column.one_of)}." if column.one_of else "")


def _line(row: Row, names: Sequence[str]) -> str:
    values = " | ".join(_shown(name, row.values[name]) for name in names)
    source = ", ".join((row.status, row.confidence, *(["verify"] if row.verify else [])))
    return f"| {row.rule_id} | {values} | {_binds(row)} | {_in_force(row)} | {source} |"


def _shown(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == "":
        return ""
    return "no end" if _OPEN.get(name) == value else f"`{value}`" if isinstance(value, str) else str(value)


def _binds(row: Row) -> str:
    return "all" if ANY in row.entity_types else ", ".join(row.entities()) or "nobody until chosen"


def _in_force(row: Row) -> str:
    begin, end = _day(row.effective_from), row.effective_to
    return f"from {begin}" if end == FOREVER else f"{begin} to {_day(end)}"


def _day(day: date) -> str:
    return day_text(day).replace(" ", "\u00a0")


def _sources(rows: Sequence[Row]) -> Iterator[str]:
    """Each citation once, with the rows that follow it, then the notes."""
    cited: dict[str, list[str]] = {}
    noted: dict[str, list[str]] = {}
    for row in rows:
        cited.setdefault(row.citation, []).append(row.rule_id)
        if row.note:
            noted.setdefault(row.note, []).append(row.rule_id)
    yield from (f"- {citation} ({', '.join(ids)})" for citation, ids in cited.items())
    yield from (f"- Note: {note} ({', '.join(ids)})" for note, ids in noted.items())


def _pairs(part: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {str(value).lower() if isinstance(value, bool) else value}" for name, value in part.items())


def write_pages(folder: Path) -> list[Path]:
    """Write the pages of the shipped policy into the folder; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = pages(load_policy(), load_contact_policy())
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
