"""Writes docs/tour.md from the list of steps and docs/operate/extract.md from the contracts: `python -m sulah.daycycle.tour docs`."""

import re
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from sulah.adapters.book.derive import DERIVED
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.contracts.shape import Kind, Scope, Table
from sulah.daycycle.statements import reads, texts
from sulah.daycycle.steps import STEPS, Step

_SENTENCE = re.compile(r"(?<=[a-z0-9)][.?]) (?=[A-Za-z0-9])")
_POLICY = "policy_"
_WIDTH = 100
_KINDS = {
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.MOMENT: "date and time",
    Kind.PAISE: "rupees",
    Kind.INTEGER: "whole number",
    Kind.DECIMAL: "number",
    Kind.TRUTH: "true or false",
}

_HEAD = """# The day cycle on one page

*Written from the list of steps (`src/sulah/daycycle/steps.py`), the contracts and the statements by
`python -m sulah.daycycle.tour docs`; do not edit by hand.* Every statement is a file of SQL named after the table that it
makes. What a step reads is parsed from its SQL, so this page cannot say otherwise. Any column can be followed back to the lender's
own files, for example with `sulah explain position.dpd`.
"""

_INTAKE = """## Intake

`sulah load PATH --as-of DATE`. Each file becomes one table of the extract through a saved mapping. A row that cannot be true goes
to `quarantine` with a code and plain words ([all codes](operate/codes.md)); the load report ties out: rows and rupees given =
loaded + refused + identical copies. A load whose figures moved further than [load_threshold](policy/load_threshold.md) allows waits
for `sulah approve`. What was accepted is then turned into the tables that the steps read:
"""

_STEPS = """## Steps

`sulah day --as-of DATE`. *Person* steps run shard by shard: all loans of a person lie in one shard. *Book* steps run once, over the
outputs of all shards. `previous.X` is table X of the last committed day.
"""

_END = """## Publish and close

- **publish.** The run's folder is synced to disk. Then one database transaction writes the differences of the worklist (items
  opened, changed, closed), the ledger row that names every file of the day with its sha256, and the entry of the audit trail.
  Before it commits there is no day; after it, all of it.
- **close.** Rows and seconds of each step stand in the ledger (page *Runs*). A folder of a run that was killed is swept by the next
  run.
- **again.** The same load, policy and code give the same bytes: a second `sulah day` compares them and leaves the first in place.
  `sulah replay --as-of DATE` rebuilds any past day on what it ran on.

Why it is built so: [0002](adr/0002-meaning-of-position.md) (what the numbers mean), [0003](adr/0003-versions-with-day-ends.md)
(versions of receipts and schedules), [0004](adr/0004-class-memory-as-islands.md) (class memory),
[0005](adr/0005-a-folder-becomes-the-day.md) (runs), [0008](adr/0008-lasting-keys-and-changes.md) (keys and deltas),
[0009](adr/0009-one-dialect-two-engines.md) (DuckDB and Spark), [0012](adr/0012-carried-days.md) (what a day takes over),
[0019](adr/0019-one-shard-at-a-time.md) (shards of a load). Around the cycle:
[0006](adr/0006-one-vault.md), [0021](adr/0021-a-key-for-each-borrower.md) (personal data),
[0007](adr/0007-choices-of-the-web.md), [0011](adr/0011-charts-drawn-here.md) (pages),
[0010](adr/0010-backup-and-seals.md) (backup and seals), [0013](adr/0013-written-off-ledger.md) (written-off loans),
[0014](adr/0014-records-over-the-api.md) (the API), [0015](adr/0015-guard-and-outbox.md) (the guard and sending).
"""

_EXTRACT = """# The extract: tables and columns

*Written from the contracts (`src/sulah/contracts/`) by `python -m sulah.daycycle.tour docs`; do not edit by hand.*

One file for each table: CSV, gzip CSV, XLSX or Parquet, UTF-8, ids as text. `*` = required. Amounts are rupees with at most two
decimals, dates are `2026-03-31`; a mapping (`sulah map`) takes other names, formats, units and terms. Borrower, loan, instalment and
repayment are enough to begin with. An instalment needs its heads or `total_due`. Columns marked *personal* go to the vault and
nowhere else.

A file `manifest.toml` beside them may say what was sent (`as_of`, and for each file its table, rows, rupees and sha256); without it,
completeness is checked by structure only. It may also say that a file holds only what changed: [deltas](deltas.md).
What a refused row is told: [codes](codes.md).
"""


def extract_page() -> str:
    """Each table of the extract with its columns as a lender writes them."""
    return "\n".join((_EXTRACT, *(part for table in EXTRACT.values() for part in _columns(table))))


def _columns(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n\n{table.meaning} Key: {', '.join(f'`{table.column(name).source}`' for name in table.key)}.\n"
    yield "| column | what it holds | meaning |\n|---|---|---|"
    for column in table.columns:
        terms = f" One of: {', '.join(f'`{term}`' for term in column.one_of)}." if column.one_of else ""
        kind = _KINDS[column.kind] + (", personal" if column.personal else "")
        yield f"| `{column.source}`{' *' if column.required else ''} | {kind} | {column.meaning}{terms} |"
    yield ""


def tour() -> str:
    """The page: a diagram, then intake, each step, publish and close."""
    parts = (_HEAD, "\n".join(("```", *_diagram(), "```\n")), _INTAKE, *_derived(), "", _STEPS, *_steps(), _END.rstrip())
    return "\n".join(parts) + "\n"


def sentences(text: str) -> list[str]:
    """What the comment at the head of a statement says, up to its inputs, sentence by sentence.

    >>> sentences("-- state: per loan, what\\n-- changes. One pass.\\n-- Inputs: due.\\nSELECT 1 AS x")
    ['Per loan, what changes.', 'One pass.']
    """
    lines = text.splitlines()
    head = lines[: next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))]
    words = " ".join(line.removeprefix("--").strip() for line in head).partition("Inputs:")[0].strip()
    words = words.partition(": ")[2]
    return _SENTENCE.split(words[:1].upper() + words[1:])


def adds(sentence: str, meaning: str) -> bool:
    """Does a sentence say more than the meaning already does?  Seven words in ten that are there already add nothing.

    >>> adds("The legs of each loan's provision.", "The legs of a loan’s provision."), adds("One pass.", "Per loan.")
    (False, True)
    """
    said, known = (set(re.findall(r"[a-z]{2,}", re.sub(r"\([^)]*\)", "", text.lower()))) for text in (sentence, meaning))
    return 10 * len(said & known) < 7 * len(said)


def _diagram() -> Iterator[str]:
    yield from _row("inbox", " · ".join(EXTRACT))
    yield from _arrow("load: map, check, set aside, tie out")
    yield from _row("intake", " · ".join(DERIVED))
    for scope, steps in groupby(STEPS, key=lambda step: step.scope):
        yield from _arrow("shard by shard, each person whole" if scope is Scope.PERSON else "once, over all shards")
        for stage, group in groupby(steps, key=lambda step: step.stage):
            yield from _row(stage, " → ".join(step.table for step in group))
    yield from _arrow("one database transaction")
    yield from _row("publish", "work items that differ + ledger row + audit entry")


def _row(label: str, words: str) -> Iterator[str]:
    line = ""
    for word in words.split(" "):
        if line and len(line) + len(word) >= _WIDTH:
            yield f"{label:<11}{line}"
            label, line = "", ""
        line = f"{line} {word}".strip()
    yield f"{label:<11}{line}"


def _arrow(words: str) -> tuple[str, str]:
    return (f"  │  {words}", "  ▼")


def _derived() -> Iterator[str]:
    for name in DERIVED:
        statement = files("sulah.intake").joinpath(f"{name}.sql").read_text("utf-8")
        yield _entry(name, f"sulah/intake/{name}.sql", (statement,))


def _steps() -> Iterator[str]:
    for scope, of_scope in groupby(STEPS, key=lambda step: step.scope):
        yield f"### {'Person' if scope is Scope.PERSON else 'Book'} steps\n"
        for stage, steps in groupby(of_scope, key=lambda step: step.stage):
            yield f"**{stage}**\n"
            yield from (_entry(step.table, _place(step), texts(step)) for step in steps)
            yield ""


def _place(step: Step) -> str:
    place = f"sulah/{step.room}/{step.table}.sql"
    return f"{place}` and, the day after, `{step.table}_next.sql" if step.increment else place


def _entry(name: str, place: str, statements: Sequence[str]) -> str:
    names = sorted({table for text in statements for table in reads(text)})
    rules = [table.removeprefix(_POLICY) for table in names if table.startswith(_POLICY)]
    tables = [f"`{table}`" for table in names if not table.startswith(_POLICY)]
    meaning = TABLES[name].meaning
    more = [sentence for sentence in sentences(statements[0]) if adds(sentence, meaning)][:2]
    lines = [f"- **{name}**: {meaning} `{place}`", *([f"  - how: {' '.join(more)}"] if more else []), f"  - reads {', '.join(tables)}"]
    if rules:
        lines.append(f"  - rules: {', '.join(f'[{rule}](policy/{rule}.md)' for rule in rules)}")
    return "\n".join(lines)


if __name__ == "__main__":
    for place, page in (("tour.md", tour()), ("operate/extract.md", extract_page())):
        (Path(sys.argv[1]) / place).write_text(page, encoding="utf-8")
