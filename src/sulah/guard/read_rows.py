"""Plain policy rows read as rules of contact; ValueError for a term that the guard does not know."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from sulah.guard.rule import ANY, ContactRule, Counted, OccasionRow, Predicate, ProductType, Severity, StopRow, WhenUnknown
from sulah.kernel.terms import Channel, ContactClass, EntityType, LoanType, Purpose, Role, StopEvent, StopScope

BY_INCOME = "by_income"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WITHOUT_NUMBER = frozenset({Channel.VISIT, Channel.MEETING, Channel.LETTER})

RawRow = Mapping[str, object]
Made = TypeVar("Made")


def binds(row: RawRow, entity: EntityType) -> bool:
    """Does the row bind this kind of lender?  A row that does not say was chosen by the caller."""
    named = row.get("entity_types")
    return named is None or (isinstance(named, Iterable) and (ANY in named or entity.value in named))


def switched_on(row: RawRow) -> bool:
    """Law and platform rows are always on, others while their switch is; a row without a switch is on."""
    return row.get("status") in ("law", "platform") or row.get("switched_on", True) is True


def contact_rule(row: RawRow) -> ContactRule:
    """The rule of a row of `contact_rule`."""
    predicate, channels = Predicate(_text(row, "predicate")), _terms(row, "channels", Channel)
    if predicate is Predicate.STOP:
        raise ValueError(f"{row['rule_id']}: what a stop bars is a row of contact_stop, not of contact_rule")
    if predicate is Predicate.NUMBER:
        channels = (channels or frozenset(Channel)) - _WITHOUT_NUMBER
    return ContactRule(
        rule_id=_text(row, "rule_id"),
        version=_number(row, "version", 1),
        predicate=predicate,
        channels=channels,
        purposes=_terms(row, "purposes", Purpose),
        loan_types=_terms(row, "loan_types", LoanType),
        states=_terms(row, "states", str),
        products=_text(row, "products"),
        weekdays=_terms(row, "weekdays", WEEKDAYS.index),
        first=_number(row, "first", 0),
        last=_number(row, "last", 0),
        most=_number(row, "most", 0),
        days=_number(row, "days", 0),
        counts=Counted.CONNECTS if row.get("counts") == Counted.CONNECTS.value else Counted.ATTEMPTS,
        series=_terms(row, "series", int) if "series" in row else None,
        when_unknown=WhenUnknown(_text(row, "when_unknown")),
        severity=Severity(_text(row, "severity")),
        override_by=None if row.get("override_by", "nobody") == "nobody" else Role(_text(row, "override_by")),
        status=_text(row, "status"),
        citation=_text(row, "citation"),
        effective_from=day_of(row, "effective_from"),
        effective_to=day_of(row, "effective_to"),
        classes=None if channels is None else frozenset(channel.contact_class for channel in channels),
    )


def stop_rule(row: RawRow) -> ContactRule:
    """The rule that a row of `contact_stop` stands for; nobody may set it aside, only lift the stop."""
    stop = StopRow(
        event=StopEvent(_text(row, "event")),
        scope=StopScope(_text(row, "scope")),
        allowed=_terms(row, "allowed", Purpose) or frozenset(Purpose if row["allowed"] == ANY else ()),
        classes=_terms(row, "classes", ContactClass),
        lifted_by=_text(row, "lifted_by"),
    )
    channels = frozenset(channel for channel in Channel if stop.classes is None or channel.contact_class in stop.classes)
    return ContactRule(
        rule_id=_text(row, "rule_id"),
        version=_number(row, "version", 1),
        predicate=Predicate.STOP,
        channels=channels,
        purposes=frozenset(Purpose) - stop.allowed,
        loan_types=None,
        states=None,
        products=ANY,
        weekdays=None,
        first=0,
        last=0,
        most=0,
        days=0,
        counts=Counted.ATTEMPTS,
        series=None,
        when_unknown=WhenUnknown.BLOCK,
        severity=Severity.BLOCK,
        override_by=None,
        status=_text(row, "status"),
        citation=_text(row, "citation"),
        effective_from=day_of(row, "effective_from"),
        effective_to=day_of(row, "effective_to"),
        stop=stop,
    )


def occasion_row(row: RawRow) -> OccasionRow:
    """What a row of `contact_occasion` bars."""
    return OccasionRow(_text(row, "kind"), _terms(row, "classes", ContactClass), day_of(row, "effective_from"), day_of(row, "effective_to"))


def product_type(row: RawRow) -> ProductType:
    """What a row of `loan_type` says."""
    named = _text(row, "loan_type")
    return ProductType(
        product=_text(row, "product"),
        loan_type=None if named == BY_INCOME else LoanType(named),
        income_most_paise=_number(row, "income_most_paise", 0),
        effective_from=day_of(row, "effective_from"),
        effective_to=day_of(row, "effective_to"),
    )


def _terms(row: RawRow, name: str, made: Callable[[str], Made]) -> frozenset[Made] | None:
    """The terms of a space-separated list, or None for `*`; ValueError for a term that is unknown."""
    text = _text(row, name)
    return None if text == ANY else frozenset(made(word) for word in text.split())


def _text(row: RawRow, name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise ValueError(f"{row.get('rule_id')}: {name} must be text")
    return value


def _number(row: RawRow, name: str, otherwise: int) -> int:
    value = row.get(name, otherwise)
    if type(value) is not int:
        raise ValueError(f"{row.get('rule_id')}: {name} must be a whole number")
    return value


def day_of(row: RawRow, name: str) -> date:
    """The date in a column of a row."""
    value = row[name]
    if type(value) is not date:
        raise ValueError(f"{row.get('rule_id')}: {name} must be a date")
    return value
