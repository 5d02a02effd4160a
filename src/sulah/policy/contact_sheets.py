"""The tables of the contact rule book: what the guard asks before anybody is contacted.

It is a second book beside the one that a day runs on: a day neither reads nor records these rows, so that a changed rule of contact changes
no day.  A lender's overrides of both lie in the same folder.
"""

from sulah.kernel.terms import Channel, ContactClass, LoanType, Purpose, Role, StopEvent, StopScope
from sulah.policy.contact_predicates import PREDICATES
from sulah.policy.shape import ANY, OPEN_PAISE, Column, Kind, Sheet, number, text, truth

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

STATES = (
    *("AN", "AP", "AR", "AS", "BR", "CG", "CH", "DH", "DL", "GA", "GJ", "HP", "HR", "JH", "JK", "KA", "KL", "LA"),
    *("LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "PB", "PY", "RJ", "SK", "TN", "TR", "TS", "UK", "UP", "WB"),
)
"""States and union territories by the two letters of ISO 3166-2 (IN-..), Telangana as TS."""

KINDS_OF_OCCASION = (
    *("bereavement", "marriage", "hospital", "childbirth", "accident", "religious_festival"),
    *("national_holiday", "calamity", "election", "curfew", "exam", "other"),
)
SCOPES_OF_OCCASION = ("person", "household", "pincode", "state", "calendar")
WHEN_UNKNOWN = ("block", "strictest", "not_applicable")
BY_INCOME = "by_income"
"""The type of a loan whose product says nothing: microfinance where it is unsecured and the household earns little."""

OVERRIDERS = ("nobody", Role.SUPERVISOR.value, Role.COMPLIANCE.value, Role.LEGAL.value)


def _some(name: str, meaning: str, words: tuple[str, ...], unwritten: str | None = None) -> Column:
    return Column(name, Kind.TEXT, meaning, some_of=words, unwritten=unwritten)


def _unused(name: str, meaning: str, most: int = OPEN_PAISE) -> Column:
    return Column(name, Kind.NUMBER, f"{meaning} 0 where the row does not use it.", most=most, unwritten=0)


_CHANNELS = tuple(item.value for item in Channel)
_PURPOSES = tuple(item.value for item in Purpose)
_CLASSES = tuple(item.value for item in ContactClass)
_TYPES = tuple(item.value for item in LoanType)

CONTACT_SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(
            "contact_rule",
            "The rules that the guard asks before a contact; all that fit are asked, and one that says no is enough.",
            (
                text("predicate", "The question that is asked.", *PREDICATES),
                _some("channels", "Channels on which it is asked.", _CHANNELS),
                _some("purposes", "Purposes for which it is asked.", _PURPOSES),
                _some("loan_types", "Types of the person's open loans for which it is asked.", _TYPES, ANY),
                _some("states", "States of the person's address in which it is asked; an unknown state fits.", STATES, ANY),
                Column("products", Kind.TEXT, "Product code of a loan named, or the beginning of one followed by `*`.", unwritten=ANY),
                _some("weekdays", "Weekdays in India on which it is asked.", WEEKDAYS, ANY),
                _unused("first", "First number of the predicate, in the unit that it names."),
                _unused("last", "Last number of the predicate, in the unit that it names."),
                _unused("most", "A count: the predicate says whether it may be reached.", 999_999),
                _unused("days", "A number of days.", 9_999),
                Column("series", Kind.TEXT, "Series of caller ids let through, in digits, with one space between.", unwritten=ANY),
                Column("counts", Kind.TEXT, "What is counted.", ("attempts", "connects", ANY), unwritten=ANY),
                text("when_unknown", "What the rule says when a fact that it needs is unknown.", *WHEN_UNKNOWN),
                text("severity", "Does a no stop the contact, warn, or is it only recorded?", "block", "warn", "log"),
                text("override_by", "Who may lift this rule for one contact, with a reason, in the register.", *OVERRIDERS),
                Column("legacy", Kind.TEXT, "The older text that the rule was known by.", unwritten=""),
                truth("switched_on", "Is the rule asked at all?  Rows of law and of a platform always are."),
                number("version", "Number of the row's wording; it grows with every change.", 9_999),
            ),
            ("predicate",),
            "A lender may be stricter. A row of law cannot be switched off, and recovery keeps hours, cap, party, number and overdue.",
            globs=("products",),
        ),
        Sheet(
            "contact_occasion",
            "Sensitive times of a person, a household, a place or the calendar, and the contacts that they bar.",
            (
                text("kind", "Kind of occasion.", *KINDS_OF_OCCASION),
                text("scope", "Whom it covers when it is noted, unless the person who notes it says otherwise.", *SCOPES_OF_OCCASION),
                number("days", "Its length in days, the first included, unless the person who notes it gives another last day.", 366),
                _some("classes", "Classes of contact that it bars.", _CLASSES),
            ),
            ("kind",),
            "A lender may bar more classes and give more days.",
            keys=("kind",),
        ),
        Sheet(
            "contact_stop",
            "What a stop switches off at once, what it leaves, and who may lift it.",
            (
                text("event", "What happened.", *(item.value for item in StopEvent)),
                text("scope", "What the stop covers; an event with several rows raises one stop for each.", *(s.value for s in StopScope)),
                _some("allowed", "Purposes still allowed; empty = none.", _PURPOSES, ""),
                text(
                    "lifted_by", "Who lifts it: a role, the next day's book, or the borrower.", *(r.value for r in Role), "book", "borrower"
                ),
                number("days", "Days until it ends by itself, its first day included; 0 = until it is lifted.", 9_999),
                _some("classes", "Classes of contact that it bars.", _CLASSES),
            ),
            ("event", "scope"),
            "A lender may leave fewer purposes open, never recovery, and no event without a row.",
            keys=("event", "scope"),
        ),
        Sheet(
            "contact_purpose",
            "What a contact is for, whether that is recovery, and whether it counts against the caps.",
            (
                text("purpose", "The purpose.", *_PURPOSES),
                truth("recovery", "Is it recovery: does it ask for an overdue amount?"),
                truth("counted", "Does it count against the caps of its class?"),
                text("meaning", "What it is, in plain words."),
            ),
            ("purpose",),
            "A lender may count more purposes; recovery stays recovery.",
            keys=("purpose",),
        ),
        Sheet(
            "loan_type",
            "Which loans are microfinance loans; the closest product answers.",
            (
                text("product", "Product code, the beginning of one followed by `*`, or `*` for all."),
                text("loan_type", f"Its type; {BY_INCOME}: by security and household income.", *_TYPES, BY_INCOME),
                _unused("income_most_paise", f"Household income a year up to which {BY_INCOME} gives mfl, in paise."),
            ),
            ("product",),
            "A lender names its own products; what meets the definition stays a microfinance loan whatever it is called.",
            globs=("product",),
        ),
    )
}
