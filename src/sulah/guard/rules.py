"""The rules of contact of one kind of lender: plain policy rows made ready for asking, by the day on which they are in force."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property

from sulah.guard.plain import digest
from sulah.guard.read_rows import RawRow, binds, contact_rule, day_of, occasion_row, product_type, stop_rule, switched_on
from sulah.guard.rule import ANY, ContactRule, OccasionRow, Predicate, ProductType, glob_covers
from sulah.kernel.dates import FOREVER
from sulah.kernel.terms import Channel, ContactClass, EntityType, LoanType, Purpose


class RulesInForce:
    """The rules that are asked on one IST date; `version` is the sha256 of their rows.  Made by ContactRules.on."""

    def __init__(
        self, rules: tuple[ContactRule, ...], occasions: tuple[OccasionRow, ...], products: tuple[ProductType, ...], rows: object
    ) -> None:
        self.rules = rules
        self.occasions = occasions
        self._products = sorted(products, key=lambda row: (len(row.product.rstrip(ANY)), not row.product.endswith(ANY)), reverse=True)
        self._rows = rows
        self._turning: dict[tuple[Channel, Purpose], frozenset[int]] = {}
        self._asked: dict[tuple[Channel, Purpose], tuple[ContactRule, ...]] = {}

    @cached_property
    def version(self) -> str:
        """The sha256 of the canonical rows in force, as 64 hex digits."""
        return digest(self._rows)

    def about(self, channel: Channel, purpose: Purpose) -> tuple[ContactRule, ...]:
        """The rules about this channel and purpose, in the order of their ids; worked out once for each pair."""
        key = (channel, purpose)
        found = self._asked.get(key)
        if found is None:
            found = tuple(rule for rule in self.rules if rule.fits(channel, purpose))
            self._asked[key] = found
        return found

    def turning_seconds(self, channel: Channel, purpose: Purpose) -> frozenset[int]:
        """The seconds of the IST day at which a window of hours about this channel and purpose opens or closes; kept like `about`."""
        key = (channel, purpose)
        found = self._turning.get(key)
        if found is None:
            hours = [rule for rule in self.about(channel, purpose) if rule.predicate is Predicate.HOURS]
            found = frozenset(second for rule in hours for second in (rule.first, rule.last))
            self._turning[key] = found
        return found

    def occasion_bars(self, kind: str, contact_class: ContactClass) -> bool:
        """Does an occasion of this kind, whatever its scope, bar contacts of this class?  One of a kind without a row bars them all."""
        rows = [row for row in self.occasions if row.kind == kind]
        return not rows or any(row.classes is None or contact_class in row.classes for row in rows)

    def loan_type_of(self, product: str, *, secured: bool | None, household_income_paise: int | None) -> LoanType | None:
        """The type of a loan by the closest row: the longest code, a whole one before the beginning of one; None where nobody can say.

        household_income_paise: income of the household a year.  By a row of `by_income` it is a microfinance loan where it is unsecured and
        the income is known and not above the row's limit.
        """
        row = next((row for row in self._products if glob_covers(row.product, product)), None)
        if row is None or row.loan_type is not None:
            return row.loan_type if row else None
        if secured or (household_income_paise is not None and household_income_paise > row.income_most_paise):
            return LoanType.OTHER
        return None if secured is None or household_income_paise is None else LoanType.MFL


class ContactRules:
    """All rows of contact that bind one kind of lender, past and future ones included; `on` gives those in force on a date.

    rows: by sheet (`contact_rule`, `contact_stop`, `contact_occasion`, `loan_type`; others count for the version only), plain mappings as
    `EntityPolicy.rows` gives them.  Rows of other kinds of lender are left out where a row says whom it binds.  ValueError for a term that
    the guard does not know: such a book of rules decides nothing.
    """

    def __init__(self, entity: EntityType, rows: Mapping[str, Iterable[RawRow]]) -> None:
        self.entity = entity
        self._raw = {sheet: [dict(row) for row in given if binds(row, entity)] for sheet, given in rows.items()}
        of = self._raw.get
        rules = [contact_rule(row) for row in of("contact_rule", []) if switched_on(row)]
        self._rules = tuple(sorted([*rules, *map(stop_rule, of("contact_stop", []))], key=lambda rule: rule.rule_id))
        self._occasions = tuple(map(occasion_row, of("contact_occasion", [])))
        self._products = tuple(map(product_type, of("loan_type", [])))
        ends = {day_of(row, "effective_to") for given in self._raw.values() for row in given}
        begins = {day_of(row, "effective_from") for given in self._raw.values() for row in given}
        self._turns = sorted(begins | {end + timedelta(days=1) for end in ends if end < FOREVER})
        self._days: dict[int, RulesInForce] = {}

    def on(self, day: date) -> RulesInForce:
        """The rules in force on an IST date; made once for each stretch of days on which the rows are the same."""
        place = bisect_right(self._turns, day)
        found = self._days.get(place)
        if found is None:
            found = self._made(day)
            self._days[place] = found
        return found

    def _made(self, day: date) -> RulesInForce:
        rows = {
            sheet: sorted(
                (row for row in given if switched_on(row) and day_of(row, "effective_from") <= day <= day_of(row, "effective_to")),
                key=lambda row: str(row["rule_id"]),
            )
            for sheet, given in self._raw.items()
        }
        return RulesInForce(
            tuple(rule for rule in self._rules if rule.in_force(day)),
            tuple(row for row in self._occasions if row.effective_from <= day <= row.effective_to),
            tuple(row for row in self._products if row.effective_from <= day <= row.effective_to),
            rows,
        )
