"""A random lender: the extracts it would send on successive load dates, with every oddity at a rate of its own."""

import csv
from bisect import bisect_left
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.reference.oddities import Oddities
from tests.reference.random_loan import RandomLoan
from tests.reference.random_receipts import Row, Sights

Extract = dict[str, list[Row]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "borrower": ("borrower_id", "pincode", "deceased_on"),
    "loan": (
        *("loan_id", "borrower_id", "product", "branch_id", "disbursed_on", "principal", "annual_rate_percent"),
        *("instalment_count", "frequency", "secured", "officer_id", "acquisition_channel", "status", "restructured_on"),
        *("moratorium_from", "moratorium_to", "opening_principal_paid", "opening_interest_paid", "opening_on"),
        *("lms_dpd", "lms_dpd_count", "lms_class", "lms_npa_on", "co_lender"),
    ),
    "instalment": ("loan_id", "number", "due_on", "principal_due", "interest_due", "charge_due", "total_due", "valid_from"),
    "repayment": ("repayment_id", "loan_id", "paid_on", "amount", "mode", "status", "reverses_id", "booked_at", "officer_id"),
    "relief": ("borrower_id", "pincode", "kind", "from_on", "to_on", "counts"),
}
"""Columns of the files, as outsiders know them; the tables that a position is made of."""

PINCODES = tuple(str(code) for code in range(560001, 560026))


class RandomBook:
    """A lender of so many loans; simulated data.

    start = as_of of the first load; the others follow about `gap_days` apart; loans were disbursed in the
    `history_days` before the first load and, some of them, between loads.  The same arguments give the same book.
    """

    def __init__(
        self,
        seed: int,
        loans: int,
        start: date,
        loads: int,
        oddities: Oddities | None = None,
        *,
        gap_days: int = 30,
        history_days: int = 420,
    ) -> None:
        self.random = Random(seed)
        self.oddities = oddities or Oddities()
        self.loads = [start]
        for _ in range(loads - 1):
            self.loads.append(self.loads[-1] + timedelta(self.random.randint(max(1, gap_days - 9), gap_days + 9)))
        self.history_days = history_days
        self._last_id = 0
        self.borrowers: dict[str, Row] = {}
        self.loans: list[RandomLoan] = []
        while len(self.loans) < loans:
            count = 1 if self.random.random() < 0.6 else self.random.randint(2, 4)
            self._add_borrower(min(count, loans - len(self.loans)))
        self.relief: list[Sights] = []
        self._add_relief()
        self.extracts: list[tuple[date, Extract]] = [(as_of, self._extract(load)) for load, as_of in enumerate(self.loads)]

    def new_id(self) -> str:
        """An opaque id in one of the shapes that lenders use: leading zeros, letters, dashes, slashes."""
        self._last_id += 1
        number = self._last_id
        shape = number * 7 % 5
        return (f"{number:08d}", f"LN-{number}", f"00{number}A", f"mf/{number:x}/24", f"{number}E{number % 10}")[shape]

    def _add_borrower(self, count: int) -> None:
        random, odd = self.random, self.oddities
        borrower_id = self.new_id()
        row = {"borrower_id": borrower_id, "pincode": random.choice([*PINCODES, ""])}
        if random.random() < odd.deceased:
            row["deceased_on"] = (self.loads[0] - timedelta(random.randint(1, 90))).isoformat()
        self.borrowers[borrower_id] = row
        opening_on = self.loads[0] - timedelta(random.randint(20, 250)) if random.random() < odd.opening else None
        loans = []
        for _ in range(count):
            disbursed_on = self.loads[0] - timedelta(random.randint(0, self.history_days))
            if len(self.loads) > 1 and random.random() < 0.12:
                disbursed_on = self.loads[0] + timedelta(random.randint(1, (self.loads[-1] - self.loads[0]).days))
            opening = opening_on if opening_on and disbursed_on < opening_on else None
            loans.append(RandomLoan(random, odd, self.loads, self.new_id(), borrower_id, disbursed_on, self.new_id, opening))
        self._lender_view(loans)
        self.loans += loans

    def _lender_view(self, loans: list[RandomLoan]) -> None:
        """The lender's own NPA date: on all loans with an opening if one of them is NPA; elsewhere a mere opinion."""
        random = self.random
        dates = [loan.lender_npa_on for loan in loans if loan.lender_npa_on]
        known = bool(dates) and random.random() < self.oddities.lender_npa
        for loan in loans:
            if loan.opening_on and known:
                loan.row["lms_npa_on"] = min(dates).isoformat()
            elif not loan.opening_on and random.random() < 0.05:
                loan.row |= {"lms_npa_on": (loan.disbursed_on + timedelta(100)).isoformat(), "lms_class": "npa"}
            if random.random() < 0.3:
                loan.row |= {"lms_dpd": str(random.randint(0, 120)), "lms_dpd_count": random.choice(["inclusive", "elapsed"])}

    def _add_relief(self) -> None:
        random, odd = self.random, self.oddities
        owners = [("borrower_id", key) for key in self.borrowers if random.random() < odd.relief_person]
        owners += [("pincode", key) for key in PINCODES if random.random() < odd.relief_places]
        taken = set()
        for column, key in owners:
            for _ in range(random.choice([1, 1, 2, 3])):
                from_on = self.loads[0] + timedelta(random.randint(-300, (self.loads[-1] - self.loads[0]).days + 10))
                row = {column: key, "kind": random.choice(["moratorium", "calamity", "pause"]), "from_on": from_on.isoformat()}
                if (key, row["kind"], from_on) in taken:
                    continue
                taken.add((key, row["kind"], from_on))
                if random.random() >= odd.relief_open:
                    row["to_on"] = (from_on + timedelta(random.randint(0, 120))).isoformat()
                row["counts"] = random.choice(["true", ""]) if random.random() < odd.relief_counts else "false"
                load = bisect_left(self.loads, from_on) + (random.random() < odd.relief_late) - (random.random() < 0.1)
                if max(0, load) < len(self.loads):
                    self.relief.append([(max(0, load), row)])

    def _extract(self, load: int) -> Extract:
        """All rows as the lender's full extract of that load has them."""
        loans = [loan for loan in self.loans if loan.first <= load]
        people = {"", *(loan.borrower_id for loan in loans)}
        instalments: list[Row] = []
        for loan in loans:
            for block in loan.blocks:
                seen = [rows for start, rows in block if start <= load]
                instalments += seen[-1] if seen else []
        return {
            "borrower": [row for key, row in self.borrowers.items() if key in people],
            "loan": [loan.shown(load) for loan in loans],
            "instalment": instalments,
            "repayment": _seen([sights for loan in loans for sights in loan.repayments], load),
            "relief": [row for row in _seen(self.relief, load) if row.get("borrower_id", "") in people],
        }

    def write(self, folder: Path, extract: Extract) -> None:
        """Write <table>.csv for each table of an extract; absent columns are empty."""
        folder.mkdir(parents=True, exist_ok=True)
        for table, columns in COLUMNS.items():
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, columns, restval="")
                writer.writeheader()
                writer.writerows(extract[table])


def _seen(all_sights: list[Sights], load: int) -> list[Row]:
    """The rows that a load shows."""
    latest = [[row for start, row in sights if start <= load][-1:] for sights in all_sights]
    return [row for rows in latest for row in rows if row is not None]
