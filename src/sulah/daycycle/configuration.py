"""The configuration document of a lender, gathered from what is live: settings, rules, mappings, steps, versions, people and days."""

import hashlib
import platform
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby

from sulah.adapters.book.layout import Lender
from sulah.daycycle.steps import STEPS
from sulah.insight.configuration import Configuration, Section
from sulah.kernel.dates import FOREVER, day_text
from sulah.kernel.money import indian
from sulah.kernel.terms import LoadState, Role
from sulah.kernel.version import code_version
from sulah.policy.columns import ANY, OPEN_DAYS, OPEN_MONTHS, OPEN_PAISE, SHEETS
from sulah.policy.load import load_policy
from sulah.policy.rows import Policy, Row, Value
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.person import Person

_LIBRARIES = ("duckdb", "pyarrow", "Django", "sqlglot", "cryptography", "granian", "python-calamine")
_SECRET = ("password", "secret", "token", "url", "passphrase", "credential")
"""Settings whose name holds one of these are never written out."""


def configuration_of(lender: Lender, on: date) -> Configuration:
    """The document for the rules in force on a date; PolicyError where a policy file of the lender cannot be read.

    No personal data, no key and no address of a database is in it.
    """
    live = load_policy(lender.policy if lender.policy.is_dir() else None)
    sections = (
        _lender(lender, on),
        _settings(lender),
        _versions(live),
        *_rules(lender, live, on),
        _own(lender, live),
        _mappings(lender),
        *_mapping_texts(lender),
        _jobs(),
        _people(),
        _days(live),
    )
    return Configuration(f"Configuration of {lender.name}, rules of {day_text(on)}", sections)


def _lender(lender: Lender, on: date) -> Section:
    rows = (
        ("Name", lender.name),
        ("Kind of lender", lender.entity_type.value),
        ("Simulated", "yes: no person or loan is real" if lender.simulated else "no"),
        ("Rules in force on", day_text(on)),
        ("Records", "PostgreSQL" if lender.database else "SQLite in the lender's folder"),
        ("Two people approve a load", "yes" if lender.two_people else "no"),
    )
    return Section("lender", "Lender", "Written by Sulah from what is live; nothing here is typed by hand.", ("what", "value"), rows)


def _flat(given: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        key = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            secret = any(word in key.lower() for word in _SECRET)
            yield key, "(set, not shown)" if secret and value else str(value).lower() if isinstance(value, bool) else str(value)


def _settings(lender: Lender) -> Section:
    words = "What lender.toml sets. What it does not name has the default, as the comments of that file say."
    return Section("settings", "Settings", words, ("setting", "value"), tuple(_flat(lender.settings)))


def _versions(live: Policy) -> Section:
    rows = [("Sulah", code_version()), ("Python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            rows.append((name, version(name)))
        except PackageNotFoundError:
            rows.append((name, "not installed"))
    rows.append(("Policy rows, SHA-256", live.sha256))
    return Section(
        "versions",
        "Versions",
        "The code version holds a digest of every source file, statement and rule.",
        ("what", "version"),
        tuple(rows),
    )


def _rules(lender: Lender, live: Policy, on: date) -> Iterator[Section]:
    """One section a policy table: the rows that bind this kind of lender on the date."""
    columns = ("rule", "lays down", "comes from", "status", "in force", "written in")
    for table, sheet in SHEETS.items():
        rows = [row for row in live.tables[table] if row.binds(lender.entity_type.value) and row.in_force(on)]
        yield Section(f"rules-{table}", f"Rules: {table}", sheet.meaning, columns, tuple(_rule(row) for row in rows))


def _rule(row: Row) -> tuple[str, ...]:
    laid = "; ".join(f"{name} {value_text(name, value)}" for name, value in row.values.items())
    status = f"{row.status}, {row.confidence}" + (", to be confirmed by compliance" if row.verify else "")
    until = "" if row.effective_to == FOREVER else f" to {day_text(row.effective_to)}"
    source = row.citation + (f" {row.note}" if row.note else "")
    return row.rule_id, laid, source, status, f"from {day_text(row.effective_from)}{until}", row.file


def value_text(name: str, value: Value) -> str:
    """A value of a policy row as people read it.

    >>> value_text("ticket_from_paise", 5000000), value_text("rate_bps", 25), value_text("dpd_to", OPEN_DAYS), value_text("product", "*")
    ('₹50,000', '0.25%', 'without end', 'all')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (OPEN_DAYS, OPEN_MONTHS, OPEN_PAISE) and "_to" in name:
        return "without end"
    if isinstance(value, int) and name.endswith("_paise"):
        return indian(value)
    if isinstance(value, int) and name.endswith("_bps"):
        return f"{value // 100}.{value % 100:02d}%"
    return "all" if value == ANY else str(value)


def _own(lender: Lender, live: Policy) -> Section:
    """What the lender changed: rows of its own, shipped rows that it replaced, ended or took away."""
    shipped = {row.rule_id: row for rows in load_policy().tables.values() for row in rows}
    now = {row.rule_id: row for rows in live.tables.values() for row in rows}
    lines = []
    for rule_id, row in sorted(now.items()):
        if rule_id not in shipped:
            lines.append((rule_id, row.table, "added", row.citation))
        elif row.effective_to != shipped[rule_id].effective_to and row.values == shipped[rule_id].values:
            lines.append((rule_id, row.table, f"ended after {day_text(row.effective_to)}", row.citation))
        elif row != shipped[rule_id]:
            lines.append((rule_id, row.table, "replaced", row.citation))
    lines += [(rule_id, shipped[rule_id].table, "taken away", "") for rule_id in sorted(set(shipped) - set(now))]
    words = "Rows in which this lender departs from those that Sulah comes with." if lines else "None: all rules are as shipped."
    return Section("overrides", "The lender's own rules", words, ("rule", "table", "change", "comes from") if lines else (), tuple(lines))


def _mappings(lender: Lender) -> Section:
    rows = []
    for path in sorted(lender.mappings.glob("*.toml")):
        used = Load.objects.filter(mapping=path.stem).order_by("-as_of", "-version").values_list("pk", flat=True).first()
        rows.append((path.stem, hashlib.sha256(path.read_bytes()).hexdigest(), used or "not used yet"))
    words = "How the lender's files become tables." if rows else "None: files must carry Sulah's own column names."
    return Section("mappings", "Mappings", words, ("mapping", "SHA-256", "last load") if rows else (), tuple(rows))


def _mapping_texts(lender: Lender) -> Iterator[Section]:
    for path in sorted(lender.mappings.glob("*.toml")):
        yield Section(f"mapping-{path.stem}", f"Mapping {path.stem}", text=path.read_text("utf-8", errors="replace"))


def _jobs() -> Section:
    """The steps of a day in order; when they run is the lender's own timetable (cron, systemd or sulah watch)."""
    staged = groupby(STEPS, key=lambda step: step.stage)
    rows = tuple((str(place), stage, ", ".join(step.table for step in steps)) for place, (stage, steps) in enumerate(staged, start=1))
    words = "What `sulah day` does, in this order. When it runs is set outside: [watch] among the settings above, cron or systemd."
    return Section("jobs", "Jobs of a day", words, ("place", "stage", "tables made"), rows)


def _people() -> Section:
    people = list(Person.objects.filter(is_active=True).values_list("role", "branches"))
    rows = []
    for role in Role:
        of_role = [branches for kind, branches in people if kind == role.value]
        if of_role:
            rows.append((role.value, str(len(of_role)), str(sum(not branches for branches in of_role))))
    return Section("people", "Log-ins", "Active log-ins by role.", ("role", "people", "of them for all branches"), tuple(rows))


def _days(live: Policy) -> Section:
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    accepted = Load.objects.filter(state=LoadState.ACCEPTED).count()
    if run is None:
        return Section("days", "Days", "No day has run yet.", ("what", "value"), (("Accepted loads", str(accepted)),))
    same = run.policy_sha256 == live.sha256
    rows = (
        ("Last committed day", day_text(run.as_of)),
        ("On load", run.load_id),
        ("Code of that day", run.code_version + ("" if run.code_version.startswith(code_version()) else " (other than now)")),
        ("Policy of that day", run.policy_sha256 + ("" if same else " (other than now: the rules above apply from the next day on)")),
        ("Accepted loads", str(accepted)),
    )
    return Section("days", "Days", "", ("what", "value"), rows)
