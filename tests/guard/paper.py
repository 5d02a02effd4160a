"""Rules, persons and intents written in a line or two, for tests of the guard."""

from datetime import date, datetime, timedelta

from sulah.guard.decide import decide
from sulah.guard.facts import Contact, Facts, Loan, Number, Person, Standing, Whose
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import FOREVER, IST
from sulah.kernel.terms import Channel, ContactState, EntityType, LoanType, Party, Purpose
from sulah.policy.load import load_contact_policy

Row = dict[str, object]
MFI = EntityType.NBFC_MFI
SECOND, MICROSECOND, DAY = timedelta(seconds=1), timedelta(microseconds=1), timedelta(days=1)
_ALWAYS: Row = {
    **dict.fromkeys(("channels", "purposes", "loan_types", "states", "products", "weekdays"), "*"),
    "when_unknown": "block",
    "severity": "block",
    "override_by": "nobody",
    "status": "policy",
    "citation": "",
    "switched_on": True,
    "effective_from": date(2022, 1, 1),
    "effective_to": FOREVER,
    "entity_types": ["*"],
}
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=IST)
"""A Tuesday."""


def ist(text: str) -> datetime:
    """An instant written in Indian time."""
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def rule(predicate: str, **columns: object) -> Row:
    """A row of contact_rule, asked always unless a column says otherwise; its id is the predicate's name unless given."""
    return {**_ALWAYS, "rule_id": predicate, "predicate": predicate, **columns}


def stop_row(event: str, scope: str, **columns: object) -> Row:
    """A row of contact_stop that bars everything unless a column says otherwise."""
    return {**_ALWAYS, "rule_id": f"{event}-{scope}", "event": event, "scope": scope, "allowed": "", "lifted_by": "legal", "days": 0} | {
        "classes": "*",
        **columns,
    }


def occasion_row(kind: str, classes: str = "*", **columns: object) -> Row:
    """A row of contact_occasion."""
    return {**_ALWAYS, "rule_id": f"occ-{kind}", "kind": kind, "scope": "person", "days": 1, "classes": classes, **columns}


def book(*rows: Row, stops: tuple[Row, ...] = (), occasions: tuple[Row, ...] = (), entity: EntityType = MFI) -> ContactRules:
    """A rule book of these rows alone."""
    return ContactRules(entity, {"contact_rule": rows, "contact_stop": stops, "contact_occasion": occasions})


def shipped(entity: EntityType = MFI) -> ContactRules:
    """The rule book as it is shipped."""
    rows = load_contact_policy().for_entity(entity)
    return ContactRules(entity, {table: rows.rows(table) for table in rows.tables})


def loan(loan_id: str = "L1", loan_type: LoanType | None = LoanType.MFL, **columns: object) -> Loan:
    """An overdue loan of the borrower p1, unless a column says otherwise."""
    given: dict[str, object] = {"product": "JLG", "overdue_paise": 50_000, "demand_paise": 50_000, "next_due_on": date(2026, 12, 1)}
    return Loan(loan_id, loan_type, **{**given, "open": True, "parties": {"p1": Party.BORROWER}, **columns})  # type: ignore[arg-type]


def facts(**columns: object) -> Facts:
    """The person p1 with one overdue microfinance loan and a number of their own, unless a column says otherwise."""
    given: dict[str, object] = {
        "person": Person("p1", "h1", "560001", "KA", "kn", agreed_place=True),
        "loans": (loan(),),
        "book_as_of": date(2026, 11, 23),
        "numbers": {"n1": Number(Whose.OWN, Standing.GOOD)},
        "template": True,
    }
    return Facts(**{**given, **columns})  # type: ignore[arg-type]


def intent(at: datetime = NOON, channel: Channel = Channel.CALL, purpose: Purpose = Purpose.RECOVERY, **columns: object) -> Intent:
    """A call to p1 about the loan L1 by their own number, unless a column says otherwise."""
    given: dict[str, object] = {"loan_ids": ("L1",), "number_key": "n1", "offers": False, "legal_words": False, "caller_series": "1600"}
    return Intent("i1", "p1", at, channel, purpose, **{**given, **columns})  # type: ignore[arg-type]


def contact(
    at: datetime,
    channel: Channel = Channel.CALL,
    state: ContactState = ContactState.NOT_CONNECTED,
    purpose: Purpose | None = Purpose.RECOVERY,
) -> Contact:
    """A contact of the past."""
    return Contact(at, channel, purpose, state)


def says(row: Row, wanted: Intent | None = None, known: Facts | None = None, occasions: tuple[Row, ...] = ()) -> str:
    """What one rule says of a contact: yes, no, unknown (it refuses, as something is not known), or not asked."""
    decision = decide(wanted or intent(), known or facts(), book(row, occasions=occasions))
    if not decision.verdicts:
        return "not asked"
    (verdict,) = decision.verdicts
    return "unknown" if verdict.unknown else verdict.answer.value


def again(row: Row, wanted: Intent | None = None, known: Facts | None = None, occasions: tuple[Row, ...] = ()) -> datetime | None:
    """When one rule that refuses would say yes."""
    decision = decide(wanted or intent(), known or facts(), book(row, occasions=occasions))
    assert decision.refusing
    return decision.verdicts[0].again_at
