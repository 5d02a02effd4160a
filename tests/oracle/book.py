"""The contact rules as one reader typed them, by hand, from the page that the compliance officer reads.

Nothing here comes from the guard or from its rows. Where the words left a choice, READINGS.md says which was taken.
"""

from dataclasses import dataclass
from datetime import date

ENTITIES = ("bank", "sfb", "nbfc_bl", "nbfc_ml", "nbfc_ul", "nbfc_mfi")
NOT_BANKS = ("sfb", "nbfc_bl", "nbfc_ml", "nbfc_ul", "nbfc_mfi")
CLASS_OF = {
    "sms": "message",
    "whatsapp": "message",
    "email": "message",
    "call": "call",
    "bot_call": "call",
    "visit": "visit",
    "meeting": "visit",
    "letter": "letter",
}
CHANNELS = tuple(CLASS_OF)
MESSAGES = ("sms", "whatsapp", "email")
CALLS = ("call", "bot_call")
VISITS = ("visit", "meeting")
LETTER = ("letter",)
PURPOSES = (
    "recovery",
    "pre_due",
    "receipt",
    "otp",
    "complaint_reply",
    "statutory_notice",
    "session_answer",
    "agent_notice",
    "hardship_offer",
    "promise_note",
    "information",
)
RECOVERY = ("recovery",)
COUNTED = ("recovery", "pre_due", "hardship_offer", "information")
PUSHED = (*COUNTED, "complaint_reply", "statutory_notice", "agent_notice", "promise_note")
BY_AGENT = ("recovery", "pre_due", "statutory_notice", "hardship_offer", "promise_note", "information")
ATTEMPTS = ("reserved", "sent", "delivered", "ringing", "connected", "not_connected", "ambiguous")
CONNECTS = ("reserved", "ringing", "connected", "ambiguous")

ALWAYS = date(1990, 1, 1)
BANK_CODE = date(2008, 4, 24)
MICROFINANCE = date(2022, 4, 1)
RECOVERY_AGENTS = date(2022, 8, 12)
TRAI = date(2025, 2, 12)
DIGITAL = date(2025, 5, 8)
DRAFT = date(2026, 10, 1)
DAY_OF_A_SESSION = 86_400
SUNDAY = 6


@dataclass(frozen=True)
class Rule:
    """One row of the page: its mark, its question, the contacts of which it is asked, its limits, its unknowns, who sets it aside."""

    id: str
    question: str
    channels: tuple[str, ...]
    purposes: tuple[str, ...]
    since: date = ALWAYS
    binds: tuple[str, ...] = ENTITIES
    loan_type: str = "*"
    sundays_only: bool = False
    first: int = 0
    last: int = 0
    most: int = 0
    days: int = 0
    series: tuple[int, ...] = ()
    counts: tuple[str, ...] = ATTEMPTS
    unknown: str = "block"
    aside: str = "nobody"


NUMBERED = (*MESSAGES, *CALLS)
IN_PERSON = (*CALLS, *VISITS)

HOURS = (
    Rule("HRS-MFL", "hours", IN_PERSON, RECOVERY, MICROFINANCE, loan_type="mfl", first=32_400, last=64_800, unknown="strictest"),
    Rule("HRS-GEN", "hours", CALLS, RECOVERY, RECOVERY_AGENTS, loan_type="other", first=28_800, last=68_400, unknown="strictest"),
    Rule("HRS-VISIT", "hours", VISITS, RECOVERY, DRAFT, loan_type="other", first=28_800, last=68_400, unknown="strictest"),
    Rule("HRS-PUSH", "hours", CHANNELS, PUSHED, first=28_800, last=68_400),
    Rule("HRS-PUSH-MFL", "hours", CHANNELS, PUSHED, loan_type="mfl", first=32_400, last=64_800, unknown="strictest"),
    Rule("HRS-RECEIPT", "hours", IN_PERSON, ("receipt",), first=32_400, last=64_800),
    Rule("OTP-WRITTEN", "hours", ("call", "visit", "meeting", "letter"), ("otp",)),
    Rule("SES-ANSWER-WRITTEN", "hours", ("call", "bot_call", "visit", "meeting", "letter"), ("session_answer",)),
    Rule("SUN-CALL", "hours", CALLS, PUSHED, sundays_only=True, first=36_000, last=61_200, aside="supervisor"),
    Rule("SUN-VISIT", "hours", VISITS, PUSHED, sundays_only=True, aside="supervisor"),
)
HOW_OFTEN = (
    Rule("FRQ-CALL-CONNECT", "cap", CALLS, COUNTED, most=1, days=1, counts=CONNECTS),
    Rule("FRQ-CALL-DAY", "cap", CALLS, COUNTED, most=3, days=1),
    Rule("FRQ-CALL-WEEK", "cap", CALLS, COUNTED, most=10, days=7),
    Rule("FRQ-LETTER-WEEK", "cap", LETTER, COUNTED, most=1, days=7),
    Rule("FRQ-MSG-DAY", "cap", MESSAGES, COUNTED, most=2, days=1),
    Rule("FRQ-MSG-WEEK", "cap", MESSAGES, COUNTED, most=7, days=7),
    Rule("FRQ-VISIT-DAY", "cap", VISITS, COUNTED, most=1, days=1),
    Rule("FRQ-VISIT-WEEK", "cap", VISITS, COUNTED, most=3, days=7),
    Rule("FRQ-ONE-CALL", "one_call", CALLS, PURPOSES),
)
WISHES = (
    Rule("OCC-BLK", "occasion", IN_PERSON, PUSHED, DRAFT, unknown="strictest"),
    Rule("HRS-PREF", "preference", CHANNELS, PUSHED, DRAFT, unknown="not_applicable", aside="supervisor"),
    Rule("OCC-PUSH", "occasion", (*MESSAGES, *LETTER), ("recovery", "pre_due", "information"), unknown="strictest"),
)
PLACES = (
    Rule("PLC-MFL", "misses", VISITS, RECOVERY, MICROFINANCE, loan_type="mfl", most=2, unknown="strictest"),
    Rule("PLC-GEN", "place_order", VISITS, ("recovery", "pre_due"), DRAFT),
)
WHO = (
    Rule("PRV-3P", "number", NUMBERED, RECOVERY, DIGITAL),
    Rule(
        "PTY-ONLY",
        "party",
        CHANNELS,
        ("recovery", "pre_due", "statutory_notice", "agent_notice", "hardship_offer", "promise_note"),
        RECOVERY_AGENTS,
    ),
    Rule(
        "NUM-OWN",
        "number",
        NUMBERED,
        ("recovery", "pre_due", "receipt", "statutory_notice", "agent_notice", "hardship_offer", "promise_note", "information"),
    ),
)
CARRIERS = (
    Rule("CLI-ANON", "caller_id", CALLS, PURPOSES, RECOVERY_AGENTS),
    Rule("CLI-1600-BANK", "caller_id", CALLS, PURPOSES, date(2026, 1, 1), ("bank",), series=(1600, 1601)),
    Rule("CLI-1600-SFB", "caller_id", CALLS, PURPOSES, date(2026, 2, 1), ("sfb", "nbfc_ml", "nbfc_ul", "nbfc_mfi"), series=(1600, 1601)),
    Rule("CLI-1600-NBFC", "caller_id", CALLS, PURPOSES, date(2026, 3, 1), ("nbfc_bl",), series=(1600, 1601)),
    Rule("SMS-DLT", "template", ("sms",), PURPOSES, TRAI),
    Rule("WA-OPT", "consent", ("whatsapp",), (*PUSHED, "receipt", "otp")),
    Rule("WA-24H", "session", ("whatsapp",), PURPOSES, first=DAY_OF_A_SESSION),
    Rule("WA-TPL", "template", ("whatsapp",), PURPOSES, first=DAY_OF_A_SESSION),
    Rule("WA-TIER", "tier", ("whatsapp",), PURPOSES, first=DAY_OF_A_SESSION),
    Rule("SES-ANSWER", "session", MESSAGES, ("session_answer",), first=DAY_OF_A_SESSION),
)
AGENTS = (
    Rule("AGT-NTC", "agent_notice", CHANNELS, BY_AGENT, DIGITAL),
    Rule("AGT-ANT-BANK", "antecedents", CHANNELS, BY_AGENT, BANK_CODE, ("bank",), days=365),
    Rule("AGT-CERT-BANK", "certificate", CHANNELS, BY_AGENT, BANK_CODE, ("bank",)),
    Rule("AGT-CHG", "agent_notice", CHANNELS, BY_AGENT, DRAFT),
    Rule("AGT-ANT", "antecedents", CHANNELS, BY_AGENT, DRAFT, NOT_BANKS, days=365),
    Rule("AGT-CERT", "certificate", CHANNELS, BY_AGENT, DRAFT, NOT_BANKS),
    Rule("AGT-ASG", "assigned", CHANNELS, BY_AGENT),
)
SAID = (
    Rule("DUE-CALC", "demand", CHANNELS, ("recovery", "statutory_notice"), RECOVERY_AGENTS),
    Rule("LGL-LIM", "legal_language", CHANNELS, PURPOSES, RECOVERY_AGENTS),
    Rule("SMS-PROMO", "no_offer", ("sms", "call", "bot_call"), PURPOSES, TRAI),
    Rule("DUE-OWED", "overdue", CHANNELS, RECOVERY, RECOVERY_AGENTS),
    Rule("BOOK-AGE", "book_age", CHANNELS, ("recovery", "pre_due"), days=3),
    Rule("DUE-SOON", "due_soon", CHANNELS, ("pre_due",), days=7),
    Rule("OFR-NONE", "no_offer", ("whatsapp", "email", "visit", "meeting", "letter"), PURPOSES),
)
PERMITS = (
    Rule("PRM-CALL", "permit_life", CALLS, PURPOSES, most=300),
    Rule("PRM-LETTER", "permit_life", LETTER, PURPOSES, most=86_400),
    Rule("PRM-MESSAGE", "permit_life", MESSAGES, PURPOSES, most=300),
    Rule("PRM-VISIT", "permit_life", VISITS, PURPOSES, most=14_400),
)
RULES = (*HOURS, *HOW_OFTEN, *WISHES, *PLACES, *WHO, *CARRIERS, *AGENTS, *SAID, *PERMITS)


@dataclass(frozen=True)
class StopRow:
    """One row of the table of stops: event, scope, the purposes still allowed, whom it binds; each of them bars all classes."""

    id: str
    event: str
    scope: str
    allowed: tuple[str, ...] = ()
    binds: tuple[str, ...] = ENTITIES
    since: date = ALWAYS


ASKED_FOR = ("receipt", "otp", "complaint_reply", "session_answer")
MUST_COME = (*ASKED_FOR, "statutory_notice")

STOPS = (
    StopRow("STP-AGENCY", "agency_stopped", "agency"),
    StopRow("STP-AGENT", "agent_stopped", "agent"),
    StopRow("STP-CALAMITY", "calamity", "pincode", (*MUST_COME, "hardship_offer", "information")),
    StopRow("STP-CHANNEL", "channel_stopped", "channel_all"),
    StopRow("STP-COMPLAINT", "complaint", "person", MUST_COME, NOT_BANKS),
    StopRow("STP-COMPLAINT-BANK", "complaint", "person", MUST_COME, ("bank",), BANK_CODE),
    StopRow("STP-COURT", "court", "person", MUST_COME, NOT_BANKS),
    StopRow("STP-COURT-BANK", "court", "person", MUST_COME, ("bank",), BANK_CODE),
    StopRow("STP-DEATH-LOAN", "death", "loan", MUST_COME),
    StopRow("STP-DEATH-PERSON", "death", "person", ("complaint_reply",)),
    StopRow("STP-DISPUTE", "dispute", "loan", MUST_COME),
    StopRow("STP-HARDSHIP", "hardship", "person", (*MUST_COME, "hardship_offer")),
    StopRow("STP-LEGAL-HOLD", "legal_hold", "person", MUST_COME),
    StopRow("STP-LENDER", "lender_stopped", "lender", ASKED_FOR),
    StopRow("STP-OPT-OUT", "opt_out", "channel", MUST_COME),
    StopRow("STP-PAID", "paid", "loan", ASKED_FOR),
    StopRow("STP-PROMISE", "promise", "loan", (*MUST_COME, "promise_note")),
    StopRow("STP-RESTORED", "restored", "lender", ("otp",)),
    StopRow("STP-WRONG-NUMBER", "wrong_number", "number"),
)

EVERY_CLASS = ("message", "call", "visit", "letter")
OCCASION_BARS = {
    "accident": EVERY_CLASS,
    "bereavement": EVERY_CLASS,
    "calamity": EVERY_CLASS,
    "childbirth": EVERY_CLASS,
    "curfew": ("visit",),
    "election": ("visit",),
    "exam": ("call", "visit"),
    "hospital": EVERY_CLASS,
    "marriage": EVERY_CLASS,
    "national_holiday": ("call", "visit"),
    "other": EVERY_CLASS,
    "religious_festival": ("call", "visit"),
}
