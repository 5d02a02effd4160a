"""The reference: it is told each load, folds every day-end in turn, and says where each loan stands."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sulah.kernel.dates import FOREVER, add_months
from tests.reference.ageing import ONE_DAY, Window
from tests.reference.loan_file import ENDED, LoanFile, Rows, Seen
from tests.reference.rates import ReferencePolicy, npa_limit
from tests.reference.rows import (
    Extract,
    GivenInstalment,
    GivenRelief,
    Row,
    day,
    day_or_none,
    given_instalment,
    given_relief,
    given_repayment,
)
from tests.reference.standing import Memory, Standing, days_past_due, in_arrears, outstanding_principal, standing_of

ReliefKey = tuple[str, str, str, date]


class Reference:
    """Per-loan, per-day, plain.  accept() each load in the order of as_of; stand() any day-end not before the last commit."""

    def __init__(self, entity_type: str, policy: ReferencePolicy | None = None) -> None:
        """KeyError for an entity type that the rules do not name."""
        npa_limit(entity_type, date.max)
        self.entity_type = entity_type
        self.policy = policy or ReferencePolicy()
        self.loans: dict[str, LoanFile] = {}
        self.pincodes: dict[str, str] = {}
        self.relief: dict[ReliefKey, list[tuple[date, GivenRelief | None]]] = {}
        self.last_load: date | None = None
        self.committed_on: date | None = None
        self._written: dict[str, list[Row]] = {}
        self._entered: dict[str, Row] = {}
        self._persons: dict[str, list[LoanFile]] = {}
        self._committed: dict[str, Memory] = {}
        self._hands: dict[str, str] = {}
        self._folded: tuple[date, dict[str, Memory]] | None = None

    def accept(self, as_of: date, extract: Extract) -> None:
        """Learn one full extract; ValueError when it is not later than the load before."""
        if self.last_load and as_of <= self.last_load:
            raise ValueError(f"load of {as_of} comes after the load of {self.last_load}")
        first = self.last_load is None
        self.last_load, self._folded = as_of, None
        self.pincodes.update({row["borrower_id"]: row.get("pincode") or "" for row in extract["borrower"]})
        for row in extract["loan"]:
            self._learn_loan(row, as_of, first=first)
        self._learn_schedules(extract["instalment"], as_of, first=first)
        self._learn_repayments(extract["repayment"], as_of, first=first)
        self._learn_relief(extract.get("relief", ()), as_of, first=first)
        for loan in self.loans.values():
            loan.forget()
        for loan in self.loans.values():
            self._learn_end(loan, as_of, first=first)
        self._index()

    def _learn_loan(self, row: Row, as_of: date, *, first: bool) -> None:
        loan = self.loans.setdefault(row["loan_id"], LoanFile(row["loan_id"], day(row["disbursed_on"])))
        loan.read(row)
        status = row.get("status") or "active"
        if not loan.statuses or loan.statuses[-1][1] != status:
            loan.statuses.append((as_of, status))
        eased = day_or_none(row.get("restructured_on") or "")
        before = loan.restructurings[-1][1] if loan.restructurings else None
        if eased != before:
            loan.restructurings.append((eased if first and eased else as_of, eased))
        window = (day_or_none(row.get("moratorium_from") or ""), day_or_none(row.get("moratorium_to") or ""))
        if window != (loan.moratoria[-1][1:] if loan.moratoria else (None, None)):
            loan.moratoria.append((window[0] if first and window[0] else as_of, *window))

    def _learn_schedules(self, rows: Iterable[Row], as_of: date, *, first: bool) -> None:
        by_loan: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_loan[row["loan_id"]].append(row)
        for loan_id, loan in self.loans.items():
            if self._written.get(loan_id) != by_loan[loan_id]:
                self._written[loan_id] = by_loan[loan_id]
                _learn_schedule(loan, by_loan[loan_id], as_of, first=first)

    def _learn_repayments(self, rows: Iterable[Row], as_of: date, *, first: bool) -> None:
        given = {row["repayment_id"]: row for row in rows}
        for repayment_id, row in given.items():
            if self._entered.get(repayment_id) != row:
                entry = given_repayment(row)
                self.loans[entry.loan_id].repayments.setdefault(repayment_id, []).append(Seen(as_of, first, entry))
        for repayment_id in self._entered.keys() - given.keys():
            self.loans[self._entered[repayment_id]["loan_id"]].repayments[repayment_id].append(Seen(as_of, first, None))
        self._entered = given

    def _learn_relief(self, rows: Iterable[Row], as_of: date, *, first: bool) -> None:
        given = {(r.borrower_id, r.pincode, r.kind, r.from_on): r for r in map(given_relief, rows)}
        for key in {**self.relief, **given}:
            history = self.relief.setdefault(key, [])
            if not history or history[-1][1] != given.get(key):
                history.append((key[3] if first else as_of, given.get(key)))

    def _learn_end(self, loan: LoanFile, as_of: date, *, first: bool) -> None:
        if loan.statuses[-1][1] not in ENDED:
            loan.ended_on = None
        elif loan.ended_on is None:
            loan.ended_on = loan.ends_in_first_load() if first else as_of

    def commit(self, as_of: date) -> None:
        """Make the day the last committed one: its class memory is never worked out again (ADR 2, 17)."""
        self._committed = self._fold_to(as_of)
        self.committed_on = as_of
        self._hands = {loan.loan_id: borrower_id for borrower_id, loans in self._persons.items() for loan in loans}

    def stand(self, as_of: date) -> dict[str, Standing]:
        """Each loan that exists on the day-end; ValueError for a day before the last committed one."""
        memories = self._fold_to(as_of)
        result: dict[str, Standing] = {}
        for borrower_id, loans in self._persons.items():
            worst = max((days_past_due(loan, as_of, self.policy)[0] for loan in _present(loans, as_of)), default=0)
            for loan in loans:
                if loan.disbursed_on <= as_of:
                    memory = memories.get(borrower_id, Memory())
                    result[loan.loan_id] = standing_of(loan, as_of, self.policy, memory, worst)
        return result

    def _index(self) -> None:
        """The loans of each person, and each loan's windows, as the loads so far say."""
        self._persons = defaultdict(list)
        for loan in self.loans.values():
            self._persons[loan.row["borrower_id"]].append(loan)
        of_person: dict[str, list[Window]] = defaultdict(list)
        of_place: dict[str, list[Window]] = defaultdict(list)
        for (person, place, _, _), history in self.relief.items():
            untils = [known for known, _ in history[1:]] + [FOREVER]
            for (known, row), until in zip(history, untils, strict=True):
                if row and not row.counts:
                    window = Window(row.from_on, row.to_on or FOREVER, known, until)
                    (of_person[person] if person else of_place[place]).append(window)
        for borrower_id, loans in self._persons.items():
            shared = of_person[borrower_id] + of_place[self.pincodes.get(borrower_id) or "nowhere"]
            for loan in loans:
                loan.windows = shared + ([] if self.policy.moratorium_counts else loan.moratorium_windows())

    def _fold_to(self, as_of: date) -> dict[str, Memory]:
        """Every borrower's memory at the day-end, folded day by day from the beginning or the last committed day.

        What was folded since the last load is taken up where it stopped: no load in between means the same days again.
        """
        if self.committed_on and as_of < self.committed_on:
            raise ValueError(f"{as_of} lies before the last committed day {self.committed_on}")
        start = (self.committed_on, self._brought_along(as_of))
        if self._folded and self._folded[0] <= as_of and (not self.committed_on or self._folded[0] >= self.committed_on):
            start = self._folded
        after, memories = start
        folded = {
            borrower_id: self._fold_person(loans, memories.get(borrower_id, Memory()), after, as_of)
            for borrower_id, loans in self._persons.items()
        }
        self._folded = (as_of, folded)
        return folded

    def _brought_along(self, as_of: date) -> dict[str, Memory]:
        """The memory of the last committed day, with what loans bring that changed hands since (ADR 2, 19)."""
        memories = dict(self._committed)
        for borrower_id, loans in self._persons.items():
            came_from = {self._hands.get(loan.loan_id, borrower_id) for loan in loans if loan.demanded(as_of)}
            known = [self._committed[person] for person in {borrower_id, *came_from} if person in self._committed]
            npa = [memory.npa_on for memory in known if memory.npa_on]
            upgraded = [memory.upgraded_on for memory in known if memory.upgraded_on]
            if known:
                memories[borrower_id] = Memory(npa_on=min(npa)) if npa else Memory(upgraded_on=max(upgraded, default=None))
        return memories

    def _fold_person(self, loans: list[LoanFile], memory: Memory, after: date | None, until: date) -> Memory:
        today = after + ONE_DAY if after else min(loan.begins_on for loan in loans)
        today = max(today, min(loan.begins_on for loan in loans))
        while today <= until:
            memory = self._fold_day(loans, memory, today)
            today += ONE_DAY
        return memory

    def _fold_day(self, loans: list[LoanFile], memory: Memory, today: date) -> Memory:
        """The borrower's memory after one day-end (ADR 2, 11-15)."""
        present = _present(loans, today)
        seeds = [on for loan in loans if loan.opening_on == today and (on := loan.lms_npa_on) and on <= today]
        if seeds:
            return Memory(npa_on=min([*seeds, memory.npa_on or today]))
        if memory.npa_on is None:
            worst = max((days_past_due(loan, today, self.policy)[0] for loan in present), default=0)
            breach = worst > npa_limit(self.entity_type, today) or any(loan.restructured_today(today) for loan in present)
            return Memory(npa_on=today) if breach else memory
        clear = not any(in_arrears(loan, today) or self._watched(loan, today) for loan in present)
        return Memory(upgraded_on=today) if clear else memory

    def _watched(self, loan: LoanFile, today: date) -> bool:
        """Is the watch after a restructuring still running (ADR 2, 14)?"""
        eased = loan.restructured_on(today)
        if eased is None:
            return False
        first_due = min((i.due_on for i in loan.schedule(today) if i.due_on >= eased), default=eased)
        received = sum(entry.amount for entry in loan.entries() if entry.counts(today) and entry.paid_on > eased)
        owed = outstanding_principal(loan, eased, self.policy)
        long_enough = today >= add_months(first_due, self.policy.watch_months)
        return not (long_enough and received * 100 >= owed * self.policy.watch_percent)


def _present(loans: Iterable[LoanFile], today: date) -> list[LoanFile]:
    """Loans that have a say: begun, and still demanded."""
    return [loan for loan in loans if loan.begins_on <= today and loan.demanded(today)]


def _learn_schedule(loan: LoanFile, rows: Iterable[Row], as_of: date, *, first: bool) -> None:
    """Add what a load's rows of one loan say that its schedule did not say before."""
    given: dict[date | None, list[GivenInstalment]] = defaultdict(list)
    for row in rows:
        valid_from, instalment = given_instalment(row)
        given[valid_from].append(instalment)
    for valid_from in {**loan.schedules, **given}:
        found: Rows = tuple(sorted(given[valid_from], key=lambda instalment: instalment.number))
        history = loan.schedules.setdefault(valid_from, [])
        if not history:
            history.append((_effective(valid_from, loan, as_of, first=first), found))
        elif history[-1][1] != found:
            history.append((max(as_of, history[-1][0]), found))


def _effective(valid_from: date | None, loan: LoanFile, as_of: date, *, first: bool) -> date:
    """First day-end at which a version of the schedule counts when it is seen for the first time (ADR 2, 6)."""
    if valid_from is None:
        return loan.disbursed_on
    return valid_from if first else max(valid_from, as_of)
