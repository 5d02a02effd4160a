"""The one transaction that makes a load, the trace that a refused extract leaves, and a load's report as recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from sulah.actions.load_book import Footing, refuse_moved
from sulah.actions.load_folder import write_report
from sulah.actions.record_alarm import close_alarms
from sulah.adapters.book.durable import sync_folder
from sulah.adapters.book.layout import Lender
from sulah.intake.load_report import CodeCount, FileTie, LoadReport
from sulah.intake.mapping import Mapping
from sulah.kernel.dates import Clock
from sulah.kernel.finding import Finding
from sulah.kernel.points import reach, register
from sulah.kernel.terms import LoadState
from sulah.policy.rows import EntityPolicy
from sulah.records.audit import write_audit
from sulah.records.load import Load, LoadFile

register("load.before_commit", "load.after_commit")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What came of a load: the report; load is None when refused; repeated when the same content was loaded before."""

    report: LoadReport
    load: Load | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """Who asked for what: the arguments that every part of a load needs."""

    lender: Lender
    as_of: date
    mapping: Mapping
    actor: str
    clock: Clock
    code_version: str
    policy: EntityPolicy
    policy_sha256: str
    progress: Progress
    also: Callable[[Load], None] = lambda _: None
    """What belongs to the load and is written in the transaction that records it."""
    origin: str = ""
    """Where the files came from, for the audit trail."""


def record_load(order: Order, report: LoadReport, footing: Footing, digest: str, version: int) -> Load:
    """The load row, its files and the audit entry, last and in one transaction; LoadError when what it stands on moved meanwhile."""
    sync_folder(order.lender.loads)
    reach("load.before_commit")
    with transaction.atomic():
        refuse_moved(footing, order.as_of)
        load = Load.objects.create(
            id=report.load,
            as_of=order.as_of,
            version=version,
            parent=footing.parent,
            state=report.state,
            reasons=list(report.reasons),
            content_sha256=digest,
            mapping=order.mapping.name,
            code_version=order.code_version,
            policy_sha256=order.policy_sha256,
            path=f"loads/{report.load}",
            report=report.to_json(),
            loaded_at=order.clock(),
            loaded_by=order.actor,
        )
        LoadFile.objects.bulk_create(
            LoadFile(
                load=load,
                table=tie.table,
                name=tie.name,
                sha256=tie.sha256,
                rows=tie.rows,
                loaded=tie.loaded,
                quarantined=tie.quarantined,
                paise=tie.paise,
                paise_loaded=tie.paise_loaded,
                paise_quarantined=tie.paise_quarantined,
            )
            for tie in report.files
        )
        after = {"state": report.state, "reasons": list(report.reasons), "rows": report.rows, "quarantined": report.quarantined}
        after |= {"from": order.origin}
        write_audit(at=order.clock(), actor=order.actor, act="load_extract", subject=load.id, after=after)
        if load.state == LoadState.ACCEPTED:
            close_alarms(load.as_of, load.id, actor=order.actor, at=order.clock())
        order.also(load)
    reach("load.after_commit")
    return load


def record_refusal(order: Order, path: Path, findings: tuple[Finding, ...]) -> LoadOutcome:
    """Audit a refused extract and keep its report; no load, the one before stays current."""
    codes = tuple(CodeCount(f.table, f.code, f.severity, f.count, f.words, f.file) for f in findings)
    reasons = tuple(f"{f.file}: {f.words}" if f.file else f.words for f in findings)
    report = LoadReport("", order.as_of.isoformat(), "refused", mapping=order.mapping.name, codes=codes, reasons=reasons)
    at = order.clock()
    write_report(order.lender.book / "refused" / f"{order.as_of.isoformat()}.{at:%Y%m%dT%H%M%S%f}", report)
    with transaction.atomic():
        after = {"path": path.name, "reasons": list(reasons)}
        write_audit(at=at, actor=order.actor, act="refuse_extract", subject=order.as_of.isoformat(), after=after)
    return LoadOutcome(report, None)


def report_of(load: Load) -> LoadReport:
    """The report of a load as recorded."""
    given = {key: value for key, value in load.report.items() if key not in ("rows", "quarantined", "ties", "files", "codes")}
    files = tuple(FileTie(**{**tie, "unmapped": tuple(tie["unmapped"])}) for tie in load.report["files"])
    return LoadReport(**{**given, "state": load.state, "files": files, "codes": tuple(CodeCount(**code) for code in load.report["codes"])})
