"""A small lender whose people are written to: the village with mobile numbers, personal loans only, and templates in two languages."""

import csv
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from sulah.actions.contact.publish_standing import publish_due
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import make_key
from sulah.daycycle.run import run_day
from sulah.kernel.dates import fixed_clock
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.workitem import WorkItem
from tests.contact.people import BY, RULES
from tests.outbox.place import settings
from tests.village.cast import LAST_DAY, village_folder

NIGHT = datetime(2026, 11, 22, 18, 45, tzinfo=UTC)
"""A quarter past midnight in India, after the day's end."""

DEAD_LINE = "V03"
"""Whose only number is a fixed line, which takes no SMS."""

_TEMPLATE = """
[[sms.template]]
name = "{name}"
language = "{language}"
category = "service_implicit"
purposes = ["{purpose}"]
header = "KAVERI"
legal_words = {legal}
dlt_template_id = "11071600000000000{number}"
text = "{text} Kaveri (simulated)"
variables = [{variables}]
provider_ids = {{ one = "T-{number}" }}
"""


def template(name: str, language: str, purpose: str, text: str, variables: str, number: int, legal: str = "false") -> str:
    """One [[sms.template]]."""
    return _TEMPLATE.format(name=name, language=language, purpose=purpose, text=text, variables=variables, number=number, legal=legal)


HINDI = template("due_hi", "hi", "recovery", "{#var#} par Rs {#var#} baki hai.", '"loan:reference", "amount:amount"', 31)
REMINDER = template("soon_en", "en", "pre_due", "Loan {#var#}: due on {#var#}.", '"loan:reference", "due_on:date"', 32)


def small_lender(root: Path, *templates: str) -> Lender:
    """The folder, with a key and [sms]."""
    make_key(root / "keys" / "personal.key")
    (root / "policy").mkdir()
    head = '[lender]\nname = "Village"\nentity_type = "nbfc_mfi"\nsimulated = true\n[load]\noverdue_move_bps = 100000\n'
    (root / "lender.toml").write_text(head + settings([1]) + "".join(templates), "utf-8")
    return open_lender(root)


def small_extract(folder: Path, last_day: date = LAST_DAY) -> Path:
    """The village's last day as files, without the manifest: whoever has a phone has a mobile, and every loan is a personal one."""
    village_folder(folder, last_day, last_day)
    (folder / "manifest.toml").unlink()
    people = _read(folder / "borrower.csv")
    for number, row in enumerate(people):
        row["phone"] = "044-2345 6789" if row["borrower_id"] == DEAD_LINE else f"98123{number:05d}"
    loans = _read(folder / "loan.csv")
    for row in loans:
        row["product"] = "personal"
    for name, rows in (("borrower", people), ("loan", loans)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def live(lender: Lender) -> None:
    """Load the extract and run the day."""
    clock = fixed_clock(NIGHT)
    outcome = load_extract(lender, small_extract(lender.root / "inbox" / "day"), LAST_DAY, actor="asha", clock=clock, code_version="test")
    assert outcome.report.state == "accepted", outcome.report.reasons
    load = current_load(LAST_DAY)
    assert load is not None
    run_day(lender, LAST_DAY, actor="asha", clock=clock, code="test", load=load)


@dataclass(frozen=True)
class Lived:
    """A lender's folder with a day in it, and the rows of the records that belong to it."""

    lender: Lender
    rows: list[Load | DayRun | WorkItem]

    def published(self, monkeypatch: pytest.MonkeyPatch) -> Lender:
        """The lender with its rows in the test's database, and the day published."""
        monkeypatch.setattr(django_settings, "LENDER", self.lender.root)
        for row in self.rows:
            row.save(force_insert=True)
        assert publish_due(self.lender, RULES, by=BY, clock=fixed_clock(NIGHT)) is not None
        return self.lender


def lived_once(folder: Path, unblocked: AbstractContextManager[Any], *templates: str) -> Lived:
    """The day, loaded and run once for a module; the rows are taken out of the database again."""
    lender, before = small_lender(folder, *templates), django_settings.LENDER
    django_settings.LENDER = lender.root
    with unblocked, transaction.atomic():
        live(lender)
        rows = [*Load.objects.all(), *DayRun.objects.all(), *WorkItem.objects.all()]
        transaction.set_rollback(True)
    django_settings.LENDER = before
    return Lived(lender, rows)
