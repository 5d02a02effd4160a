"""Why a loan stands where it stands, in words and sums, from the same rows and state that computed it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sulah.adapters.book.reader import Row
from sulah.kernel.dates import day_text
from sulah.kernel.money import indian
from sulah.kernel.terms import Head


@dataclass(frozen=True, slots=True)
class Part:
    """What one receipt settled of one head of one instalment, or of one instalment in all; paise."""

    number: int
    due_on: date
    head: str
    paise: int


@dataclass(slots=True)
class Instalment:
    """One instalment in force with what is settled of each head; paise."""

    number: int
    due_on: date
    due: dict[str, int]
    settled: dict[str, int] = field(default_factory=lambda: dict.fromkeys((head.value for head in Head), 0))

    @property
    def due_paise(self) -> int:
        """All heads due."""
        return sum(self.due.values())

    @property
    def settled_paise(self) -> int:
        """All heads settled."""
        return sum(self.settled.values())

    @property
    def unpaid_paise(self) -> int:
        """What is left of it."""
        return self.due_paise - self.settled_paise

    @property
    def heads(self) -> list[tuple[str, int, int]]:
        """Head, due, settled - heads with nothing due left out."""
        return [(head, paise, self.settled[head]) for head, paise in self.due.items() if paise or self.settled[head]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One entry of money with what it settled."""

    row: Row
    parts: tuple[Part, ...]

    @property
    def settled_paise(self) -> int:
        """What of it settled something."""
        return sum(part.paise for part in self.parts)

    @property
    def left_paise(self) -> int:
        """What of it settled nothing."""
        return int(self.row["amount_paise"]) - self.settled_paise


def schedule_of(dues: Sequence[Row], settlement: Sequence[Row]) -> list[Instalment]:
    """The instalments in force in the order in which they are settled, with what the settlement rows say is settled of each head."""
    instalments = {
        (row["due_on"], row["number"]): Instalment(
            row["number"],
            row["due_on"],
            {head.value: int(row[f"{head.value}_paise"]) for head in (Head.PRINCIPAL, Head.INTEREST, Head.CHARGE)},
        )
        for row in sorted(dues, key=lambda row: (row["due_on"], row["number"]))
    }
    for row in settlement:
        found = instalments.get((row["due_on"], row["number"]))
        if found is not None:
            found.settled[row["head"]] += int(row["amount_paise"])
    return list(instalments.values())


def receipts_of(rows: Sequence[Row], settlement: Sequence[Row]) -> list[Receipt]:
    """The entries that count, latest first, each with the parts of instalments that it settled."""
    parts: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    for row in settlement:
        key = (row["effective_on"], row["repayment_id"], row["entry"])
        parts[key].append(Part(row["number"], row["due_on"], row["head"], int(row["amount_paise"])))
    found = [Receipt(row, tuple(parts.get((row["effective_on"], row["repayment_id"], row["entry"]), ()))) for row in rows]
    return sorted(found, key=lambda receipt: (receipt.row["effective_on"], str(receipt.row["repayment_id"])), reverse=True)


def untied(state: Row, position: Row, schedule: Sequence[Instalment], receipts: Sequence[Receipt], settlement: Sequence[Row]) -> list[str]:
    """Every sum that does not tie with the state, in words; empty when all tie.

    Held: settled in all and by head; receipts = settled + unallocated; settlement rows name instalments in force and entries that count.
    """
    heads = {head.value: sum(int(row["amount_paise"]) for row in settlement if row["head"] == head) for head in Head}
    charge = int(state["settled_paise"]) - int(state["settled_principal_paise"]) - int(state["settled_interest_paise"])
    pairs = [
        ("The receipts shown settle", sum(heads.values()), "the state says", state["settled_paise"]),
        ("Principal settled by receipts", heads["principal"], "the state says", state["settled_principal_paise"]),
        ("Interest settled by receipts", heads["interest"], "the state says", state["settled_interest_paise"]),
        ("Charges settled by receipts", heads["charge"], "the state says", charge),
        ("The instalments shown have settled", sum(line.settled_paise for line in schedule), "the state says", state["settled_paise"]),
        ("The receipts shown have settled", sum(line.settled_paise for line in receipts), "the state says", state["settled_paise"]),
        (
            "The receipts shown add up to",
            max(0, sum(int(line.row["amount_paise"]) for line in receipts)),
            "the state says",
            state["paid_paise"],
        ),
        (
            "Settled and unallocated make",
            position["allocated_paise"] + position["unallocated_paise"],
            "receipts are",
            position["paid_paise"],
        ),
    ]
    return [f"{what} {indian(int(ours))}, {link} {indian(int(theirs))}." for what, ours, link, theirs in pairs if int(ours) != int(theirs)]


def merged(windows: Sequence[Row], as_of: date) -> list[tuple[date, date]]:
    """Relief windows known on the day, cut at it, overlapping ones made one; both ends inside."""
    known = sorted((row["from_on"], min(row["to_on"], as_of)) for row in windows if row["known_on"] <= as_of and row["from_on"] <= as_of)
    found: list[tuple[date, date]] = []
    for start, end in known:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def left_out(windows: Sequence[tuple[date, date]], oldest: date, *, whole_window: bool) -> int:
    """Day-ends inside the windows from the oldest unpaid due date on; whole_window takes days before it too.

    >>> left_out([(date(2026, 1, 1), date(2026, 1, 10))], date(2026, 1, 6), whole_window=False)
    5
    """
    return sum(max(0, (end - (start if whole_window else max(start, oldest))).days + 1) for start, end in windows)


@dataclass(frozen=True, slots=True)
class Reason:
    """How dpd came about: sentences, and what does not tie (empty when all does)."""

    sentences: tuple[str, ...]
    untied: tuple[str, ...] = ()


def reason_of(position: Row, state: Row, windows: Sequence[Row], *, whole_window: bool = False) -> Reason:
    """The dpd of a position in words, counted again from its oldest unpaid due date and the relief windows."""
    as_of: date = position["as_of"]
    oldest: date | None = position["oldest_unpaid_due_on"]
    if not state["demanded"]:
        return Reason(
            ("The lender demands nothing on this loan any more, so nothing is overdue and no day counts.",), _must_be(position, 0)
        )
    if oldest is None:
        following = position["next_due_on"]
        ahead = f"The next instalment falls due {day_text(following)}." if following else "No instalment is left to fall due."
        return Reason((f"Every instalment due up to {day_text(as_of)} is settled in full, so no day counts.", ahead), _must_be(position, 0))
    plain = (as_of - oldest).days + 1
    paused = left_out(merged(windows, as_of), oldest, whole_window=whole_window)
    days = max(0, plain - paused)
    sentences = [
        f"The oldest unpaid instalment fell due {day_text(oldest)}; {plain} day-end{'s' if plain != 1 else ''} "
        f"{'have' if plain != 1 else 'has'} passed with it unpaid (from {day_text(oldest)} to {day_text(as_of)}, both counted)."
    ]
    if paused:
        sentences.append(f"{paused} day-ends are left out because of relief in which days do not count: {plain} − {paused} = {days}.")
    return Reason(tuple(sentences), _must_be(position, days))


def _must_be(position: Row, days: int) -> tuple[str, ...]:
    """The words for a dpd that is not what the count says."""
    if position["dpd"] == days:
        return ()
    return (f"Counted again from the oldest unpaid instalment, dpd is {days}; the day's position says {position['dpd']}.",)


def grouped_by_standing(schedule: Sequence[Instalment], as_of: date) -> dict[str, list[Instalment]]:
    """Instalments as settled, open (due and not settled, or settled ahead in part), and ahead."""
    found: dict[str, list[Instalment]] = {"settled": [], "open": [], "ahead": []}
    for line in schedule:
        if line.unpaid_paise <= 0:
            found["settled"].append(line)
        else:
            found["open" if line.due_on <= as_of or line.settled_paise else "ahead"].append(line)
    return found
