"""One case of the hostile pack, run through the real commands on a lender of its own, and what was seen held against case.toml."""

import csv
import hashlib
import io
import json
import re
import shutil
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.intake.codes import CODES
from sulah.simulation.hostile.lender import YESTERDAY
from sulah.simulation.hostile.protocol import BASE

_ACTOR = "hostile"


@dataclass(frozen=True, slots=True)
class Difference:
    """One reaction that is not the one expected: case, step (from 1), what about it, and both values."""

    case: str
    step: int
    what: str
    expected: str
    seen: str


def command(*arguments: object) -> tuple[int, dict[str, Any]]:
    """Run one command of this program with --json; its exit code and its answer (empty when it gave none)."""
    from sulah.cli.main import main

    out = io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            code = main([*map(str, arguments), "--json", "--by", _ACTOR])
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 2
    lines = out.getvalue().splitlines()
    return code, json.loads(lines[-1]) if lines else {}


class Bench:
    """A lender with one good day, put back as it was before every case."""

    def __init__(self, root: Path, pack: Path) -> None:
        """Make the lender, load the good extract of yesterday and run its day; RuntimeError when even that is not taken."""
        self.lender, self._kept, self._pack = root / "lender", root / "kept", pack
        for arguments in (
            ("init", self.lender, "--entity", "nbfc_mfi", "--simulated"),
            ("load", pack / BASE, "--as-of", YESTERDAY, "--lender", self.lender),
            ("day", "--as-of", YESTERDAY, "--lender", self.lender),
        ):
            code, said = command(*arguments)
            if code or said.get("state", "accepted") != "accepted":
                raise RuntimeError(f"the good lender itself is not taken: {arguments[0]} ended with {code}: {said}")
        self._close()
        shutil.copytree(self.lender, self._kept)

    def run(self, name: str) -> list[Difference]:
        """Run one case of the pack from its folder; every difference, none when all reactions are exact."""
        folder = self._pack / name
        told = tomllib.loads((folder / "case.toml").read_text("utf-8"))
        self._restore(told.get("settings", ""))
        moves = any(step["do"] == "day" for step in told["step"])
        before = self.fingerprint(with_work=not moves)
        found: list[Difference] = []
        for number, step in enumerate(told["step"], start=1):
            expected, seen = _STEPS[step["do"]](self.lender, folder / str(number), step)
            found += [
                Difference(name, number, what, str(expected.get(what)), str(seen.get(what)))
                for what in sorted({*expected, *seen})
                if expected.get(what) != seen.get(what)
            ]
        if self.fingerprint(with_work=not moves) != before:
            found.append(Difference(name, 0, "yesterday's good day", "untouched", "changed"))
        return found

    def fingerprint(self, *, with_work: bool = True) -> str:
        """A digest of yesterday's good day: its files, those of its load, its rows in the ledger and (with_work) the published rows."""
        digest = hashlib.sha256()
        for part in (self.lender / "book" / "days" / f"{YESTERDAY}.1", self.lender / "book" / "loads" / f"{YESTERDAY}.1"):
            for path in sorted(path for path in part.rglob("*") if path.is_file()):
                digest.update(f"{path.relative_to(self.lender)}\n".encode() + path.read_bytes())
        with closing(sqlite3.connect(self.lender / "sulah.sqlite3")) as records:
            for line in records.iterdump():
                if _is_of_the_day(line, with_work=with_work):
                    digest.update(line.encode())
        return digest.hexdigest()

    def _restore(self, settings: str) -> None:
        self._close()
        shutil.rmtree(self.lender)
        shutil.copytree(self._kept, self.lender)
        toml = self.lender / "lender.toml"
        toml.write_text(toml.read_text("utf-8").replace("[load]\n", f"[load]\n{settings}", 1), encoding="utf-8")

    @staticmethod
    def _close() -> None:
        from django.db import connections

        connections.close_all()


def _is_of_the_day(line: str, *, with_work: bool) -> bool:
    table = re.match(r'INSERT INTO "records_(\w+)"', line)
    if table is None or table[1] in ("auditentry", "loadfile", "logentry", "loghead"):
        return False
    if table[1] == "load":
        return f"VALUES('{YESTERDAY}.1'" in line
    return f"days/{YESTERDAY}.1" in line if table[1] == "dayrun" else with_work


def _load(lender: Path, sent: Path, step: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    mapping = sent.parent / step["mapping"] if "mapping" in step else None
    if mapping:
        shutil.copy(mapping, lender / "mappings" / "case.toml")
    named = ("--mapping", "case") if mapping else ()
    code, said = command("load", sent, "--as-of", step["as_of"], "--lender", lender, *named)
    outcome = "repeated" if said.get("repeated") else said.get("state", "refused") if "done" in said else "crashed"
    expected = {"outcome": step["outcome"], "exit": step["exit"]}
    seen = {"outcome": outcome, "exit": code}
    if step["outcome"] == outcome == "repeated":
        return expected, seen
    expected |= {name: step.get(name, {}) for name in ("codes", "loaded", "refused_rows", "cells")}
    expected |= {"holds": sorted(step.get("holds", [])), "ties": True}
    ties = said.get("files", [])
    loaded, aside = _rows(ties, "loaded"), _rows(ties, "quarantined")
    seen |= {"codes": _codes(said), "loaded": loaded, "refused_rows": {table: rows for table, rows in aside.items() if rows}}
    seen |= {"holds": _holds(said) if outcome == "held" else [], "ties": said.get("ties", True)}
    seen["cells"] = {place: _cell(lender, str(said.get("load")), place) for place in expected["cells"]}
    return expected, seen


def _rows(ties: list[dict[str, Any]], what: str) -> dict[str, int]:
    return {table: sum(tie[what] for tie in ties if tie["table"] == table) for table in {tie["table"] for tie in ties}}


def _codes(said: Mapping[str, Any]) -> dict[str, int]:
    """How often each code was given, by "table.code"; a refusal that is none of the extract's gives its own code."""
    found: Counter[str] = Counter()
    for code in said.get("codes", []):
        found[f"{code['table']}.{code['code']}".lstrip(".")] += code["count"]
    if said.get("code"):
        found[said["code"]] += 1
    return dict(found)


def _holds(said: Mapping[str, Any]) -> list[str]:
    """The codes behind the reasons of a hold, told by their words."""
    return sorted(code.code for code in CODES.values() if any(str(reason).startswith(code.wrong) for reason in said.get("reasons", [])))


def _cell(lender: Path, load: str, place: str) -> str | None:
    """A value that a load kept: from the accepted rows, or from the vault where the column is personal."""
    table, key, name = place.split("/")
    folder, contract = lender / "book" / "loads" / load, EXTRACT[table]
    column = next(column for column in contract.columns if column.source == name)
    if column.personal:
        sealed = pq.read_table(folder / f"{table}_private.parquet").to_pylist()
        row = next((row for row in sealed if row[contract.key[0]] == key), None)
        return Vault(open_lender(lender)).open(key, row["sealed"]).get(name) if row else None
    rows = pq.read_table(folder / "accepted" / f"{table}.parquet").to_pylist()
    return next((str(row[column.name]) for row in rows if row[contract.key[0]] == key), None)


def _approve(lender: Path, _sent: Path, step: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    code, said = command("approve", "--lender", lender, *(("--reject",) if step["reject"] else ()))
    wanted = "rejected" if step["reject"] else "accepted"
    return {"exit": 0, "state": wanted}, {"exit": code, "state": said.get("state", "")}


def _day(lender: Path, _sent: Path, step: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    code, _ = command("day", "--as-of", step["as_of"], "--lender", lender)
    expected: dict[str, Any] = {"exit": step["exit"]}
    seen: dict[str, Any] = {"exit": code}
    rows: dict[str, dict[str, dict[str, str]]] = {}
    for place in (*step.get("rows", {}), *step["absent"]):
        table = place.partition("/")[0]
        rows.setdefault(table, dict(_exported(lender, table, step["as_of"])) if table not in rows else {})
    for place, cells in step.get("rows", {}).items():
        table, _, key = place.partition("/")
        expected[place] = dict(cells)
        seen[place] = {name: rows[table].get(key, {}).get(name, "(no row)") for name in cells}
    for place in step["absent"]:
        table, _, key = place.partition("/")
        expected[place], seen[place] = "absent", "there" if key in rows[table] else "absent"
    return expected, seen


def _exported(lender: Path, table: str, as_of: object) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a table of the day as anyone gets them, by the first column of their key."""
    out = lender / "exported.csv"
    out.unlink(missing_ok=True)
    code, said = command("export", table, "--as-of", as_of, "--out", out, "--lender", lender)
    if code:
        raise RuntimeError(f"{table} could not be exported: {said}")
    with out.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            yield row[TABLES[table].key[0]], row


_STEPS = {"load": _load, "approve": _approve, "day": _day}
