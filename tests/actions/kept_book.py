"""A lender that switched two-wheelers over to Sulah: two loans written off, in two branches, one active, one of another product."""

from datetime import UTC, date, datetime
from pathlib import Path

from sulah.actions.load_extract import load_extract
from sulah.actions.take_over_written_off import TakenOver, take_over_written_off
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import make_key
from sulah.adapters.book.written_off import balances_of
from sulah.daycycle.run import run_day
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType
from sulah.payments.posting import Balance
from sulah.records.load import Load
from sulah.records.written_off import WrittenOffLoan
from tests.intake.extract import Rows, write
from tests.paper import book, loan

MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)
CLOCK = fixed_clock(datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
DUES = [("2025-02-01", 1000, 100), ("2025-03-01", 1000, 100, 50), ("2025-04-01", 1000, 100), ("2026-12-01", 1000, 100)]
_ROW = """
[[row]]
rule_id = "{rule_id}"
product = "{product}"
{values}
entity_types = ["*"]
effective_from = {start}
effective_to = {end}
status = "policy"
citation = "Board policy on written-off accounts of 5 Jan 2026"
confidence = "POLICY"
example = {example}
"""


def row(rule_id: str, product: str, values: str, example: str, start: str = "2026-01-01", end: str = "9999-12-31") -> str:
    """A row of an override."""
    return _ROW.format(rule_id=rule_id, product=product, values=values, start=start, end=end, example=example)


def keeper(rule_id: str, source: str, start: str = "2026-01-01", end: str = "9999-12-31") -> str:
    """A row that makes Sulah the keeper of product TW."""
    values = f'keeper = "sulah"\nreceipts_from = "{source}"'
    return row(rule_id, "TW*", values, '{ given = { product = "TW-OLD" }, expect = { keeper = "sulah" } }', start, end)


KEEPER = keeper("OWN-TW", "extract", end="2026-06-30") + keeper("OWN-TW-BANK", "bank", "2026-07-01")
INTEREST = row(
    "OWN-TW-12",
    "TW",
    'rate_bps = 1200\nbasis = "actual_365"',
    '{ given = { product = "TW", principal_paise = 100000, after = 2026-03-31, until = 2027-03-31 }, expect = { interest_paise = 12000 } }',
)
FEES = row(
    "OWN-KFS-NOTICE",
    "TW",
    'fee = "legal_notice"\nwords = "Legal notice"\nmost_paise = 50000',
    '{ given = { product = "TW", fee = "legal_notice", amount_paise = 50000 }, expect = { allowed = true } }',
)


def switch_over(lender: Lender, *, interest: bool = False) -> None:
    """Write the lender's rows."""
    lender.policy.mkdir(exist_ok=True)
    (lender.policy / "written_off_keeper.toml").write_text(KEEPER, "utf-8")
    (lender.policy / "kfs_fee.toml").write_text(FEES, "utf-8")
    if interest:
        (lender.policy / "written_off_interest.toml").write_text(INTEREST, "utf-8")


def extract(paid: list[tuple[str, object]], status: str = "written_off") -> dict[str, Rows]:
    """The lender's tables, with what was paid on the first loan and what its system says of it."""
    whole = book(
        loan("W1", DUES, paid, product="TW", branch_id="BR-A", status=status),
        loan("W2", DUES, [], product="TW", branch_id="BR-B", status="written_off"),
        loan("A1", DUES, [], product="TW", branch_id="BR-A", status="active"),
        loan("J1", DUES, [], product="JLG", branch_id="BR-A", status="written_off"),
    )
    return {table: [{name: str(value) for name, value in line.items()} for line in rows] for table, rows in whole.items() if rows}


def new_lender(root: Path) -> Lender:
    """A lender's folder; the caller points the settings at it."""
    make_key(root / "keys" / "personal.key")
    (root / "policy").mkdir()
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_ml"\nsimulated = true\n', "utf-8")
    return Lender(root, "Test", EntityType.NBFC_ML, simulated=True, settings={"load": {"quarantine_percent": 100, "hold": False}})


def live(lender: Lender, as_of: date, tables: dict[str, Rows]) -> Load:
    """Load an extract and run its day."""
    load_extract(
        lender, write(lender.root / f"x{as_of}-{Load.objects.count()}", tables), as_of, actor="asha", clock=CLOCK, code_version="test"
    )
    load = Load.objects.order_by("-as_of", "-version")[0]
    load.state = "accepted"
    load.save()
    run_day(lender, as_of, actor="asha", clock=CLOCK, code="test", load=load)
    return load


def taken(lender: Lender, as_of: date = MARCH, loan_id: str = "") -> TakenOver:
    """Take over as of a day."""
    return take_over_written_off(lender, as_of, actor="asha", clock=CLOCK, loan_id=loan_id)


def stands(loan_id: str = "W1", on: date | None = None) -> Balance:
    """What a loan stands at."""
    account = WrittenOffLoan.objects.get(loan_id=loan_id)
    return balances_of([account], on)[account.pk]
