"""What the page says of stops, occasions and types of loans beside the verdicts, typed by hand like the second rule book."""

from datetime import date

from tests.oracle.book import ALWAYS, MICROFINANCE

LIFTED_BY = {
    "STP-AGENCY": "compliance",
    "STP-AGENT": "supervisor",
    "STP-CALAMITY": "compliance",
    "STP-CHANNEL": "administrator",
    "STP-COMPLAINT": "compliance",
    "STP-COMPLAINT-BANK": "compliance",
    "STP-COURT": "legal",
    "STP-COURT-BANK": "legal",
    "STP-DEATH-LOAN": "compliance",
    "STP-DEATH-PERSON": "compliance",
    "STP-DISPUTE": "compliance",
    "STP-HARDSHIP": "supervisor",
    "STP-LEGAL-HOLD": "legal",
    "STP-LENDER": "compliance",
    "STP-OPT-OUT": "borrower",
    "STP-PAID": "book",
    "STP-PROMISE": "supervisor",
    "STP-RESTORED": "administrator",
    "STP-WRONG-NUMBER": "supervisor",
}
"""Who lifts a stop of each row."""

ENDS_AFTER = {"STP-CALAMITY": 45, "STP-PROMISE": 31}
"""Days after which a stop ends by itself; the others are lifted."""

LASTS = {
    "accident": ("person", 15),
    "bereavement": ("household", 15),
    "calamity": ("pincode", 45),
    "childbirth": ("household", 15),
    "curfew": ("pincode", 1),
    "election": ("pincode", 1),
    "exam": ("household", 1),
    "hospital": ("person", 15),
    "marriage": ("household", 7),
    "national_holiday": ("calendar", 1),
    "other": ("person", 7),
    "religious_festival": ("state", 1),
}
"""Whom an occasion covers and how many days it lasts, unless whoever notes it says otherwise."""

THREE_LAKH = 3_00_000_00
TODAY, DAY_BEFORE, ON_DAY = date(2026, 11, 24), date(2022, 3, 31), MICROFINANCE
LOAN_TYPES = (
    (TODAY, "JLG-WEEKLY", True, None, "mfl"),
    (TODAY, "jlg", True, THREE_LAKH + 1, "mfl"),
    (TODAY, "MFI", True, None, "mfl"),
    (TODAY, "MFI-7", None, None, "mfl"),
    (TODAY, "PL", False, 0, "mfl"),
    (TODAY, "PL", False, THREE_LAKH, "mfl"),
    (TODAY, "PL", False, THREE_LAKH + 1, "other"),
    (TODAY, "PL", True, THREE_LAKH, "other"),
    (TODAY, "PL", True, None, "other"),
    (TODAY, "PL", None, THREE_LAKH + 1, "other"),
    (TODAY, "PL", None, THREE_LAKH, None),
    (TODAY, "PL", False, None, None),
    (ON_DAY, "PL", False, THREE_LAKH, "mfl"),
    (DAY_BEFORE, "PL", False, THREE_LAKH, None),
    (ALWAYS, "JLG-WEEKLY", False, None, "mfl"),
    (ALWAYS, "MFI-7", False, None, "mfl"),
    (date(1989, 12, 31), "JLG-WEEKLY", False, None, None),
    (date(1989, 12, 31), "MFI-7", False, None, None),
)
"""(day, product, secured, household income a year in paise, type); None: not known, or nobody can say."""
