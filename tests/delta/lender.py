"""A random lender whose extracts are dirty, and the delta that leads from one of its extracts to the next.  Simulated data."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sulah.contracts.registry import EXTRACT
from tests.reference.random_book import RandomBook

Row = dict[str, str]
Extract = dict[str, list[Row]]

BROKEN = {
    "borrower": ("deceased_on", "31.12.2025"),
    "loan": ("principal", "12,5x"),
    "instalment": ("due_on", "soon"),
    "repayment": ("amount", "1.234"),
    "relief": ("to_on", "later"),
}
"""What a row of a table says where it cannot be read."""


def key_of(table: str, row: Mapping[str, str]) -> tuple[str, ...]:
    """The key of a row as the lender writes it."""
    contract = EXTRACT[table]
    return tuple(row.get(contract.column(name).source, "") for name in contract.key)


class Lender:
    """A random book with loans that change hands, ids that move, rows that break and are mended, and people who share telephones."""

    def __init__(self, seed: int, loans: int, loads: int) -> None:
        self.random = Random(seed)
        book = RandomBook(seed, loans, date(2025, 9, 1), loads, gap_days=2)
        self.dates = [as_of for as_of, _ in book.extracts]
        self._broken: dict[tuple[str, tuple[str, ...]], int] = {}
        self._hands: dict[str, str] = {}
        self._moved: dict[str, str] = {}
        self._names: dict[str, Row] = {}
        self._more: Extract = {"contact": [], "promise": [], "guarantor": []}
        self.extracts = [self._dirty(place, extract) for place, (_, extract) in enumerate(book.extracts)]

    def _dirty(self, place: int, extract: Mapping[str, Sequence[Mapping[str, Any]]]) -> Extract:
        random = self.random
        rows: Extract = {name: [{k: str(v) for k, v in row.items() if v is not None} for row in extract[name]] for name in extract}
        people, loans = [row["borrower_id"] for row in rows["borrower"]], [row["loan_id"] for row in rows["loan"]]
        for loan_id in loans:
            if random.random() < 0.01:
                self._hands[loan_id] = random.choice(people)
        for row in rows["loan"]:
            row["borrower_id"] = self._hands.get(row["loan_id"], row["borrower_id"])
        for row in rows["repayment"]:
            if random.random() < 0.002:
                self._moved[row["repayment_id"]] = random.choice([*loans, "NO-SUCH-LOAN"])
            row["loan_id"] = self._moved.get(row["repayment_id"], row["loan_id"])
        for row in rows["borrower"]:
            row |= self._person(row["borrower_id"])
        self._say_more(place, people, loans)
        rows |= {name: [dict(row) for row in more] for name, more in self._more.items()}
        self._break(place, rows)
        return rows

    def _person(self, borrower_id: str) -> Row:
        """Name and telephone; few numbers for many people, so that some stand for too many."""
        random = self.random
        if borrower_id not in self._names or random.random() < 0.02:
            number = random.choice(["9000000001", "+91 9000000002", "080-41234567", f"98{random.randint(10**7, 10**8 - 1)}", "12", ""])
            self._names[borrower_id] = {"name": f"Simulated {borrower_id}", "phone": number, "state": random.choice(["Bihar", ""])}
        return self._names[borrower_id]

    def _say_more(self, place: int, people: list[str], loans: list[str]) -> None:
        random, day = self.random, self.dates[place]
        for number in range(3):
            contact = {"contact_id": f"C{place}-{number}", "borrower_id": random.choice(people), "at": f"{day - timedelta(2)} 10:00:00"}
            self._more["contact"].append({**contact, "channel": "call", "direction": "out", "number_used": "9000000001"})
        promise = {"promise_id": f"P{place}", "loan_id": random.choice([*loans, "NOBODY"]), "made_at": f"{day} 09:00:00"}
        self._more["promise"].append({**promise, "due_on": f"{day + timedelta(3)}", "amount": "100"})
        if random.random() < 0.3:
            pair = {"loan_id": random.choice(loans), "borrower_id": random.choice(people)}
            if pair not in self._more["guarantor"]:
                self._more["guarantor"].append(pair)
        for rows in self._more.values():
            if len(rows) > 2 and random.random() < 0.2:
                rows.remove(random.choice(rows))

    def _break(self, place: int, rows: Extract) -> None:
        """Rows that cannot be read for some days; every fifth says two things under one key instead."""
        random = self.random
        for name, (column, text) in BROKEN.items():
            for row in list(rows[name]):
                key = (name, key_of(name, row))
                if key not in self._broken and random.random() < 0.4 / max(10, len(rows[name])):
                    self._broken[key] = place + random.randint(1, 4)
                if self._broken.get(key, 0) <= place:
                    continue
                if len(str(key)) % 5 == 0 and name != "relief":
                    other = {"borrower": "pincode", "loan": "product", "instalment": "due_on", "repayment": "amount"}[name]
                    rows[name].append({**row, other: {"due_on": "2025-12-31", "amount": "77", "pincode": "111111"}.get(other, "OTHER")})
                else:
                    row[column] = text


def delta_of(random: Random, before: Extract, after: Extract) -> dict[str, dict[str, list[Row]]]:
    """The files that lead from one extract to the next: file name -> mode -> rows; new keys are appended or changed, by chance."""
    files: dict[str, dict[str, list[Row]]] = {}
    for table in after:
        old, new = _by_key(table, before.get(table, [])), _by_key(table, after[table])
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) == new.get(key):
                continue
            if key not in new:
                names = [EXTRACT[table].column(name).source for name in EXTRACT[table].key]
                files.setdefault(f"{table}_changes", {}).setdefault("changes", []).append(
                    {**dict(zip(names, key, strict=True)), "deleted": "yes"}
                )
            elif key not in old and random.random() < 0.6:
                files.setdefault(f"{table}_new", {}).setdefault("append", []).extend(new[key])
            else:
                files.setdefault(f"{table}_changes", {}).setdefault("changes", []).extend(new[key])
    return files


def _by_key(table: str, rows: Sequence[Row]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(key_of(table, row), []).append({name: cell for name, cell in row.items() if cell != ""})
    return found


def write_full(folder: Path, extract: Extract) -> Path:
    """One CSV a table."""
    for table, rows in extract.items():
        if rows:
            _write(folder / f"{table}.csv", table, rows)
    return folder


def write_delta(
    folder: Path, as_of: date, files: Mapping[str, Mapping[str, Sequence[Row]]], order: Random | None = None, since: str = ""
) -> Path:
    """One CSV a file (<table>_<anything>), and the manifest in the order given, or in a random one."""
    folder.mkdir(parents=True, exist_ok=True)
    said = [f"as_of = {as_of}\n" + (f"since = {since}\n" if since else "")]
    names = list(files)
    if order:
        order.shuffle(names)
    for name in names:
        table = name.rpartition("_")[0]
        for mode, rows in files[name].items():
            _write(folder / f"{name}.csv", table, rows)
            said.append(f'[[file]]\nname = "{name}.csv"\ntable = "{table}"\nmode = "{mode}"\n')
    (folder / "manifest.toml").write_text("\n".join(said))
    return folder


def _write(path: Path, table: str, rows: Sequence[Mapping[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = dict.fromkeys([*(column.source for column in EXTRACT[table].required), *(name for row in rows for name in row)])
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
