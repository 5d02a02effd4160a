"""A simulated lender's extract of any size: the bench book as files that a loan system would send, ids as text, repayments unsorted.

Simulated: no lender's loans.  The same size and seed give the same rows.  Two days: the first and the day after it, in which one loan
in twenty-five pays, one in five hundred is re-scheduled without a word, and the lender's own class moves on all.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import duckdb

from bench.book import AS_OF, make_book
from sulah.adapters.engines.duck import connect, literal, view_of_files

KINDS = ("csv", "parquet")
DAYS = {"first": AS_OF, "next": AS_OF + timedelta(1)}

_RUPEES = "printf('%d.%02d', {0} // 100, {0} % 100)"
_BORROWER = """
SELECT a.borrower_id, 'Simulated ' || substr(a.borrower_id, 2) AS name, '+9190000' || substr(a.borrower_id, 6) AS phone,
  any_value(a.pincode) AS pincode, any_value(a.state) AS state, any_value(a.centre_id) AS centre_id
FROM account AS a GROUP BY a.borrower_id ORDER BY a.borrower_id
"""
_LOAN = """
SELECT a.loan_id, a.borrower_id, a.product, a.branch_id, a.disbursed_on, {principal} AS principal, a.frequency,
  CASE WHEN a.secured THEN 'true' ELSE 'false' END AS secured, a.officer_id, a.acquisition_channel, a.status, a.restructured_on,
  CASE WHEN o.loan_key IS NOT NULL THEN {opened} END AS opening_principal_paid,
  CASE WHEN o.loan_key IS NOT NULL THEN a.opening_on END AS opening_on,
  'class ' || CAST(hash(a.loan_id, {day}) % 9 AS VARCHAR) AS lms_class
FROM account AS a
LEFT JOIN (SELECT r.loan_key, sum(r.amount_paise) AS amount_paise FROM receipt AS r WHERE r.entry = 'opening' GROUP BY r.loan_key) AS o
  ON o.loan_key = a.loan_key
ORDER BY a.loan_id
"""
_INSTALMENT = """
SELECT a.loan_id, d.number, CASE WHEN {day} = 1 AND hash(a.loan_id) % 500 = 7 THEN d.due_on + 1 ELSE d.due_on END AS due_on,
  {principal} AS principal_due, {interest} AS interest_due, CASE WHEN d.charge_paise > 0 THEN {charge} END AS charge_due,
  CASE WHEN d.in_force_from > a.disbursed_on THEN d.in_force_from END AS valid_from
FROM due AS d INNER JOIN account AS a ON a.loan_key = d.loan_key
ORDER BY d.loan_key, d.in_force_from, d.number
"""
_REPAYMENT = """
SELECT r.repayment_id, a.loan_id, r.paid_on, {amount} AS amount, r.mode, 'posted' AS status, r.reverses_id,
  CASE WHEN r.known_on <> r.paid_on THEN strftime(r.known_on, '%Y-%m-%d 18:30:00') END AS booked_at, r.officer_id
FROM (
  SELECT r.repayment_id, r.loan_key, r.paid_on, abs(r.amount_paise) AS amount_paise, r.mode, r.reverses_id, r.known_on, r.officer_id
  FROM receipt AS r WHERE r.entry <> 'opening'
  UNION ALL
  SELECT 'N' || a.loan_id, a.loan_key, DATE '{next}', 50000, 'cash', NULL, DATE '{next}', a.officer_id
  FROM account AS a WHERE {day} = 1 AND hash(a.loan_id) % 25 = 3 AND a.disbursed_on < DATE '{next}'
) AS r INNER JOIN account AS a ON a.loan_key = r.loan_key
ORDER BY hash(r.repayment_id)
"""


_CHANGED = (
    ("repayment", "append", "repayment_id LIKE 'N%' AND CAST(paid_on AS DATE) = DATE '{next}'", ""),
    ("loan", "changes", "hash(loan_id) % 25 = 3", ""),
    ("instalment", "changes", "hash(loan_id) % 500 = 7", ""),
    ("loan", "append", "hash(loan_id) % 1000 = 11", "'X' || loan_id"),
    ("instalment", "append", "hash(loan_id) % 1000 = 11", "'X' || loan_id"),
)
"""A delta of the next day, out of its full extract: table, mode, which rows, and the loan_id that new loans get."""


def make_extract(folder: Path, loans: int, seed: int) -> Path:
    """The folder of an extract of so many simulated loans, in every kind of file; one made before is used again."""
    made = folder / f"extract-{loans}-{seed}"
    if (made / "simulated.json").is_file():
        if not (made / "delta").is_dir():
            make_delta(made)
        return made
    book = make_book(folder, loans, seed)
    connection = connect(memory_mb=6000, spill=folder / "spill")
    for table in ("account", "due", "receipt"):
        view_of_files(connection, table, sorted((book / table).glob("*.parquet")))
    for number, day in enumerate(DAYS):
        for name, query in _queries(number).items():
            _write(connection, name, query, made, day)
    make_delta(made)
    (made / "simulated.json").write_text(json.dumps({"simulated": True, "loans": loans, "seed": seed}))
    return made


def _queries(day: int) -> dict[str, str]:
    said = {name: _RUPEES.format(f"d.{name}_paise") for name in ("principal", "interest", "charge")}
    return {
        "borrower": _BORROWER,
        "loan": _LOAN.format(
            principal=_RUPEES.format("a.principal_paise"), opened=_RUPEES.format("CAST(o.amount_paise AS BIGINT)"), day=day
        ),
        "instalment": _INSTALMENT.format(day=day, **said),
        "repayment": _REPAYMENT.format(amount=_RUPEES.format("r.amount_paise"), day=day, next=DAYS["next"].isoformat()),
    }


def _write(connection: duckdb.DuckDBPyConnection, name: str, query: str, made: Path, day: str) -> None:
    """CSV as text; Parquet with amounts as decimals and dates as dates, as a loan system's export writes them."""
    for kind in KINDS:
        (made / day / kind).mkdir(parents=True, exist_ok=True)
    text, columnar = made / day / "csv" / f"{name}.csv", made / day / "parquet" / f"{name}.parquet"
    connection.execute(f"COPY ({query}) TO {literal(str(text))} (FORMAT csv, HEADER)")
    amounts = ("principal", "opening_principal_paid", "principal_due", "interest_due", "charge_due", "amount")
    described = [str(row[0]) for row in connection.execute(f"DESCRIBE {query}").fetchall()]
    typed = ", ".join(f"CAST({c} AS DECIMAL(18, 2)) AS {c}" if c in amounts else c for c in described)
    connection.execute(f"COPY (SELECT {typed} FROM ({query})) TO {literal(str(columnar))} (FORMAT parquet, COMPRESSION zstd)")


def make_delta(made: Path) -> None:
    """What changes from the first day to the next on one loan in twenty-five, and one new loan in a thousand, with its manifest."""
    connection = connect(memory_mb=2000)
    for kind, options in (("csv", "FORMAT csv, HEADER"), ("parquet", "FORMAT parquet, COMPRESSION zstd")):
        folder = made / "delta" / kind
        folder.mkdir(parents=True, exist_ok=True)
        said = [f"as_of = {DAYS['next']}\nsince = {DAYS['first']}\n"]
        for table, mode, where, renamed in _CHANGED:
            source, name = made / "next" / "parquet" / f"{table}.parquet", f"{table}_{mode}.{kind}"
            described = connection.execute(f"DESCRIBE FROM read_parquet({literal(str(source))})").fetchall()
            columns = ", ".join(f"{renamed} AS loan_id" if renamed and row[0] == "loan_id" else str(row[0]) for row in described)
            rows = f"SELECT {columns} FROM read_parquet({literal(str(source))}) WHERE {where.format(next=DAYS['next'])}"
            connection.execute(f"COPY ({rows}) TO {literal(str(folder / name))} ({options})")
            said.append(f'[[file]]\nname = "{name}"\ntable = "{table}"\nmode = "{mode}"\n')
        (folder / "manifest.toml").write_text("\n".join(said))


def main(words: list[str]) -> None:
    """`python -m bench.load_files FOLDER LOANS SEED`: says where the extract lies."""
    folder, loans, seed = words
    sys.stdout.write(json.dumps({"folder": str(make_extract(Path(folder), int(loans), int(seed)))}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
