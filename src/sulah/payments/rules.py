"""The policy rows of a written-off loan: who keeps its account, which order, which rate, which fees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.kernel.dates import FOREVER
from sulah.payments.accrual import Rate
from sulah.payments.posting import HEADS, Account
from sulah.policy.rows import EntityPolicy, Row
from sulah.policy.worked import answer, answers


@dataclass(frozen=True, slots=True)
class Order:
    """The waterfall in force on a day: the heads in order, and the policy row."""

    heads: tuple[Account, ...]
    rule_id: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one product of one kind of lender, asked by day."""

    policy: EntityPolicy
    product: str

    def keeper(self, on: date) -> Row:
        """Who keeps the account on a day, and where receipts come from."""
        return answer(self._in_force("written_off_keeper", on), {"product": self.product})

    def sulah_keeps(self, on: date) -> bool:
        """Is Sulah the system of record on that day?"""
        return self.keeper(on).values["keeper"] == "sulah"

    def rate(self, on: date) -> Rate:
        """The rate of interest on a day."""
        row = answer(self._in_force("written_off_interest", on), {"product": self.product})
        return Rate(int(str(row.values["rate_bps"])), str(row.values["basis"]), row.rule_id)

    def rate_changes(self) -> tuple[date, ...]:
        """The days on which another rate may begin."""
        rows = self.policy.tables["written_off_interest"]
        ends = {row.effective_to + timedelta(days=1) for row in rows if row.effective_to < FOREVER}
        return tuple(sorted({row.effective_from for row in rows} | ends))

    def order(self, on: date) -> Order:
        """The order of heads on a day."""
        (row,) = self._in_force("written_off_waterfall", on)
        places = {head: int(str(row.values[f"{head.value}_place"])) for head in HEADS}
        return Order(tuple(sorted(HEADS, key=lambda head: places[head])), row.rule_id)

    def fee(self, code: str, on: date) -> Row | None:
        """The row of a fee of the key facts statement, the closest product's; None where it lists none of that code."""
        question = {"product": self.product, "fee": code}
        found = [row for row in self._in_force("kfs_fee", on) if answers(row, question)]
        return answer(found, question) if found else None

    def fees(self, on: date) -> Iterator[Row]:
        """The fees that the key facts statement of the product lists on a day, by code."""
        codes = sorted({str(row.values["fee"]) for row in self._in_force("kfs_fee", on)})
        return (row for code in codes if (row := self.fee(code, on)) is not None)

    def _in_force(self, table: str, on: date) -> tuple[Row, ...]:
        return tuple(row for row in self.policy.tables[table] if row.in_force(on))
