"""A handful of rows that no intake should take, planted in every extract so that quarantine has something to show."""

from collections.abc import Iterator
from datetime import date, timedelta

from sulah.simulation.ledger import Row

NOWHERE = "L-MDB-JLG-99999"
NOBODY = "BMDB99999"
STRAY = "L-NSK-PER-99998"

EXPECTED_CODES = {
    "borrower": {"required_missing": 1},
    "loan": {"orphan_borrower": 1},
    "instalment": {"orphan_loan": 3},
    "repayment": {
        "orphan_loan": 1,
        "required_missing": 1,
        "future_dated": 1,
        "date_unreadable": 1,
        "amount_too_precise": 1,
        "term_unknown": 1,
    },
    "promise": {"required_missing": 1},
    "bounce": {"amount_unreadable": 1},
    "contact": {"date_unreadable": 1},
    "relief": {"relief_target": 1},
}
"""Planted rows by table and by the code that intake is expected to give; garbled repayment amounts come and go beside
them.  The two planted collections are taken: money reported for a loan that nobody knows is for matching to call an orphan."""


def spoiled_rows(real_loan: str, last_day: date) -> Iterator[tuple[str, Row]]:
    """Every planted row with its table; real_loan is a loan that exists, for rows that are wrong in another way."""
    since = last_day - timedelta(days=30)
    paid = (last_day - timedelta(days=31)).isoformat()
    later = (last_day + timedelta(days=40)).isoformat()
    booked = f"{paid}T10:00:00"

    def row(table: str, paise: int, text: str, after: int = 0) -> tuple[str, Row]:
        return table, Row(since + timedelta(days=after), date.max, paise, text)

    yield row("borrower", 0, ",Unnamed Member,,,,hi,female,,,,,,847102,Bihar,,,,,,,")
    yield row(
        "loan",
        60000_00,
        f"{STRAY},{NOBODY},personal,BR-NSK,{paid},60000.00,24.00,2,monthly,false,O-NSK-31,branch,active,,,,,,,0,elapsed,standard,,",
    )
    for number, months in ((1, 30), (2, 60)):
        due_on = (since + timedelta(days=months)).isoformat()
        yield row("instalment", 31000_00, f"{STRAY},{number},{due_on},30000.00,1000.00,,,")
    yield row("instalment", 500_00, f"{NOWHERE},1,{paid},440.00,60.00,,,")
    yield row("repayment", 500_00, f"R-{NOWHERE}-001,{NOWHERE},{paid},500.00,cash,posted,,{booked},O-MDB-01")
    yield row("repayment", 650_00, f",{real_loan},{paid},650.00,cash,posted,,{booked},O-MDB-01")
    yield row("repayment", 700_00, f"R-BAD-001,{real_loan},{later},700.00,cash,posted,,{booked},O-MDB-01", 3)
    yield row("repayment", 800_00, f"R-BAD-002,{real_loan},31/11/2026,800.00,cash,posted,,{booked},O-MDB-01", 8)
    yield row("repayment", 0, f"R-BAD-003,{real_loan},{paid},912.345,cash,posted,,{booked},O-MDB-01", 15)
    yield row("repayment", 950_00, f"R-BAD-004,{real_loan},{paid},950.00,cash,pending,,{booked},O-MDB-01", 20)
    yield row("promise", 0, f"P-BAD-001,{real_loan},{booked},{paid},,A-01,call")
    yield row("bounce", 0, f"B-BAD-001,{real_loan},{paid},-,04,")
    yield row("contact", 0, f"K-BAD-001,BMDB00001,yesterday,call,out,{real_loan},borrower,,answered,30,A-01,,hi")
    yield row("relief", 0, f",,pause,{paid},{paid},false")
    yield row("collection", 450_00, f"gateway,GW-ORPHAN-1,{NOWHERE},{paid},450.00,upi")
    yield row("collection", 475_00, f"field,FA-ORPHAN-1,{NOWHERE},{paid},475.00,cash")
