"""What texts are filled in with to be looked at and linted: values of simulated people of the village, and a simulated lender's own."""

from datetime import date

from sulah.outreach.house import House
from sulah.outreach.template import Value

HOUSE = House("Example Finance", "18001230000", "9215512345", "16001234567", "https://example.invalid/officer")
HOST = "pay.example.invalid"
VALUES: dict[str, Value] = {
    "amount": 1_234_50,
    "penal": 50_00,
    "loan_end": "0001",
    "due_on": date(2026, 11, 25),
    "as_of": date(2026, 11, 22),
    "promised_on": date(2026, 11, 25),
    "paid_on": date(2026, 11, 22),
    "reply_by": date(2026, 12, 22),
    "from_on": date(2026, 11, 24),
    "visit_on": date(2026, 11, 26),
    "officer": "Lakshmi Venkataraman",
    "agent": "Ramesh Kumar",
    "agency": "Setu Services",
    "borrower": "Meena Devi",
    "agent_phone": "16001234568",
    "link": f"https://{HOST}/p/7Hk29a",
    "receipt": "R-2026-000123",
    "complaint": "C-2026-0042",
    "code": "4821",
}
"""A value for every variable of the register of texts; a test holds the two together."""
