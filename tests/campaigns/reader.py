"""A reader in a process of its own: what the ledger, the files and the published rows of a lender say, and whether they agree.

`python reader.py` answers one JSON line for each lender's folder that it is given on a line; `python reader.py LENDER STOP` reads one
lender over and over until the file STOP appears, as a server would beside a run, and then answers one JSON line.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender, open_lender
from sulah.records.connect import connect_records


def opened(root: Path) -> Lender:
    """The lender of a folder, its records connected; the lender before, if any, is let go."""
    lender = open_lender(root)
    if not settings.configured:
        connect_records(lender.root)
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = lender.sqlite
    settings.LENDER = lender.root
    return lender


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All reads inside see one state of the database, and no writer waits for them."""
    with connections["default"].cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def wrong_in(lender: Lender) -> list[str]:
    """Where ledger, files and published rows contradict each other, in words."""
    from sulah.adapters.book.published import CONTENT, digest_of, digest_of_rows
    from sulah.adapters.book.reader import Day
    from sulah.records.dayrun import DayRun
    from sulah.records.workitem import WorkItem

    wrong = []
    runs = list(DayRun.objects.select_related("load").order_by("as_of"))
    for run in runs:
        with Day(run, lender) as day:
            for table, entries in run.tables.items():
                digests = [sha256_of(path) for path in day.files(table)]
                if digests != [entry["sha256"] for entry in entries]:
                    wrong.append(f"{run.as_of}: {table} has other bytes than the ledger says")
            if digest_of(day.files("worklist")) != run.published:
                wrong.append(f"{run.as_of}: the worklist's file is not what was published")
    items = list(WorkItem.objects.filter(closed_on=None).values_list("borrower_id", *CONTENT))
    if runs and digest_of_rows(items) != runs[-1].published:
        wrong.append(f"the open items are not those of {runs[-1].as_of}")
    if items and not runs:
        wrong.append("there are open items and no day")
    return wrong + _wrong_loads(lender)


def _wrong_loads(lender: Lender) -> list[str]:
    from sulah.records.load import Load

    reports = {load.pk: (lender.book / load.path / "report.json", load.report) for load in Load.objects.all()}
    return [f"load {name} has no such report" for name, (path, report) in reports.items() if json.loads(path.read_text("utf-8")) != report]


def seen(lender: Lender) -> dict[str, Any]:
    """All that the records say, without times and row numbers, and what is wrong with it."""
    from sulah.actions.publish_day import CONTENT
    from sulah.records.audit import AuditEntry
    from sulah.records.dayrun import DayRun, RunStep
    from sulah.records.load import Load, LoadFile
    from sulah.records.workitem import WorkItem

    loads = ("id", "as_of", "version", "parent", "state", "reasons", "content_sha256", "mapping", "code_version", "policy_sha256", "path")
    days = ("as_of", "load", "previous__as_of", "policy_sha256", "policy", "code_version", "path", "tables", "published", "counts")
    files = ("load", "table", "name", "sha256", "rows", "loaded", "quarantined", "paise", "paise_loaded", "paise_quarantined")
    items = ("borrower_id", *CONTENT, "opened_on", "changed_on", "closed_on")
    return {
        "wrong": wrong_in(lender),
        "loads": list(Load.objects.values_list(*loads, "report", "loaded_by")),
        "load_files": list(LoadFile.objects.order_by("load", "name").values_list(*files)),
        "days": list(DayRun.objects.values_list(*days, "committed_by")),
        "steps": list(RunStep.objects.order_by("run__as_of", "place").values_list("run__as_of", "name", "place", "rows")),
        "items": list(WorkItem.objects.order_by("borrower_id").values_list(*items)),
        "audit": list(AuditEntry.objects.values_list("actor", "act", "subject", "before", "after")),
    }


def watch(lender: Lender, stop: Path) -> dict[str, Any]:
    """Read until the file appears: how often, which days stood last, and everything that was ever wrong."""
    from sulah.records.dayrun import DayRun

    reads, wrong, stood = 0, set[str](), []
    while not stop.exists():
        with one_snapshot():
            wrong |= set(wrong_in(lender))
            latest = DayRun.objects.order_by("-as_of").values_list("as_of", "published").first()
        if latest is not None and (not stood or stood[-1] != latest):
            stood.append(latest)
        reads += 1
    return {"reads": reads, "wrong": sorted(wrong), "stood": stood}


def main(arguments: list[str]) -> None:
    """Answer lenders line by line, or watch one."""
    if arguments:
        sys.stdout.write(json.dumps(watch(opened(Path(arguments[0])), Path(arguments[1])), default=str) + "\n")
        return
    for line in sys.stdin:
        lender = opened(Path(line.strip()))
        with one_snapshot():
            answer = seen(lender)
        connections["default"].close()
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
