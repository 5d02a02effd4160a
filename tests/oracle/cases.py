"""A question taken apart: the instant, its IST date and second, the loans named, the agent."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

IST = timedelta(hours=5, minutes=30)
Plain = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A question taken apart: what is wanted, what is known, the instant, its IST date and its second of the IST day."""

    intent: Plain
    facts: Plain
    at: datetime
    day: date
    second: int

    @property
    def named(self) -> list[Plain | None]:
        """The loans that the contact names; None for one that is not on the book."""
        on_book = {loan["loan_id"]: loan for loan in self.facts["loans"]}
        return [on_book.get(loan_id) for loan_id in self.intent["loan_ids"]]

    @property
    def by_an_agent(self) -> bool:
        """Does the contact name an agent or an agency?"""
        return self.intent["agent_id"] is not None or self.intent["agency_id"] is not None

    @property
    def agent_ids(self) -> set[str]:
        """The agent and the agency that the contact names, and the agency of the agent."""
        papers = self.facts["agent"] or {}
        ids = {self.intent["agent_id"], self.intent["agency_id"], papers.get("agency_id")}
        return ids - {None}


def instant(text: str) -> datetime:
    """An instant as it is written in a question."""
    return datetime.fromisoformat(text)


def ist_day(at: datetime) -> date:
    """The IST date of an instant.

    >>> ist_day(datetime(2026, 9, 30, 18, 30, tzinfo=UTC))
    datetime.date(2026, 10, 1)
    """
    return (at.astimezone(UTC) + IST).date()


def case(question: Plain) -> Case:
    """A question taken apart."""
    at = instant(question["intent"]["at"])
    india = at.astimezone(UTC) + IST
    return Case(question["intent"], question["facts"], at, india.date(), india.hour * 3600 + india.minute * 60 + india.second)


def active(it: Case, row: Plain) -> bool:
    """Is a stop or an assignment in force: since <= instant < until?"""
    return instant(row["since"]) <= it.at and (row["until"] is None or it.at < instant(row["until"]))
