"""Load a lender's extract: read, check, keep, derive, then one transaction that makes it a load.  Nothing is visible before."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from django.db import transaction

from sulah.actions.load_book import before_of, latest_accepted, limits_of, measure_of
from sulah.actions.load_folder import LoadError, loans_a_shard, one_at_a_time, scratch, sweep, write_report
from sulah.adapters.book.derive import derive
from sulah.adapters.book.durable import digests_of, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.files import Extract, Limits, digest_parts, find_files, open_sources, refuse_without_loans, unmapped_columns
from sulah.adapters.lms.keep import keep_accepted, keep_quarantine
from sulah.adapters.lms.manifest_file import Manifest, read_manifest
from sulah.adapters.lms.overdue import overdue_of
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.repair import open_corrections, with_rest
from sulah.adapters.lms.report import code_counts, hold_to_manifest, refuse_mangled
from sulah.adapters.lms.sift import Sifted, refused_rows, sift, tie_out
from sulah.adapters.lms.source import Source
from sulah.intake.codes import words_of
from sulah.intake.load_report import CodeCount, FileTie, LoadReport
from sulah.intake.mapping import PLAIN, Mapping
from sulah.intake.verdict import Measure, reasons_to_hold
from sulah.kernel.dates import Clock
from sulah.kernel.finding import Finding
from sulah.kernel.points import reach, register
from sulah.kernel.terms import LoadState
from sulah.policy.load import load_policy
from sulah.policy.rows import EntityPolicy
from sulah.records.audit import write_audit
from sulah.records.load import Load, LoadFile

__all__ = ["LoadError", "LoadOutcome", "load_extract"]

register("load.started", "load.derived", "load.before_commit", "load.after_commit")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What came of a load: the report; load is None when refused; repeated when the same content was loaded before."""

    report: LoadReport
    load: Load | None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Order:
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


def load_extract(
    lender: Lender,
    path: Path,
    as_of: date,
    *,
    mapping: Mapping = PLAIN,
    actor: str,
    clock: Clock,
    code_version: str,
    repair: str | None = None,
    progress: Progress | None = None,
) -> LoadOutcome:
    """Load the extract at path (a folder or one file) for a business date; the outcome says accepted, held or refused.

    The same content again is not loaded twice.  A refused extract leaves the load before it current and is audited.
    repair names a load whose refused rows the files correct.  LoadError when the date or the repair cannot be.
    """
    policy = load_policy(lender.policy if lender.policy.is_dir() else None)
    entity = policy.for_entity(lender.entity_type)
    order = _Order(lender, as_of, mapping, actor, clock, code_version, entity, policy.sha256, progress or (lambda _: None))
    with one_at_a_time(lender), scratch(lender) as spill:
        reach("load.started")
        connection = connect(spill=spill)
        try:
            return _load(connection, order, path, repair)
        except RefusedExtractError as error:
            return _refused(order, path, error.findings)
        except BaseException:
            sweep(lender)  # gives the disk back at once; a load whose row was committed is not touched
            raise
        finally:
            connection.close()


def _load(connection: duckdb.DuckDBPyConnection, order: _Order, path: Path, repair: str | None) -> LoadOutcome:
    repaired = _repaired(order, repair)
    manifest = read_manifest(path, order.as_of) if path.is_dir() else None
    mapping = order.mapping.renamed() if repaired else order.mapping
    if repaired:
        extract, sources = open_corrections(connection, path, _sizes(order.lender))
    else:
        extract = find_files(path, mapping, manifest)
        refuse_without_loans(extract)
        sources = open_sources(connection, extract, mapping, _sizes(order.lender))
    digest = _digest(order, sources, repair)
    again = Load.objects.filter(content_sha256=digest, state__in=[LoadState.ACCEPTED, LoadState.HELD]).order_by("-version").first()
    if again is not None:
        return LoadOutcome(_report_of(again), again, repeated=True)
    _refuse_older(order)
    if repaired:
        sources = with_rest(connection, order.lender, order.lender.book / repaired.path, sources)
    sifted = sift(connection, sources, mapping, order.as_of, progress=order.progress)
    refuse_mangled(connection, sifted)
    return _keep(connection, order, sifted, extract, manifest, digest, repaired)


def _keep(
    connection: duckdb.DuckDBPyConnection,
    order: _Order,
    sifted: Sifted,
    extract: Extract,
    manifest: Manifest | None,
    digest: str,
    repaired: Load | None,
) -> LoadOutcome:
    """Tie out, write the folder, derive, decide, record."""
    unmapped = {} if repaired else {source.number: unmapped_columns(source, order.mapping.table(source.table)) for source in sifted.sources}
    ties = tie_out(connection, sifted, unmapped)
    hold_to_manifest(ties, manifest)
    refused_rows(connection, sifted)
    codes = code_counts(connection, sifted)
    parent = before_of(order.as_of)
    version = 1 + max(Load.objects.filter(as_of=order.as_of).values_list("version", flat=True), default=0)
    name = f"{order.as_of.isoformat()}.{version}"
    folder = order.lender.loads / name
    shutil.rmtree(folder, ignore_errors=True)
    order.progress("writing accepted rows")
    vault = Vault(order.lender)
    accepted = keep_accepted(connection, folder, vault)
    keep_quarantine(connection, sifted, folder, vault)
    order.progress("working out dues and receipts")
    parent_folder = order.lender.book / parent.path if parent else None
    shard = loans_a_shard(order.lender)
    derive(connection, folder=folder, parent=parent_folder, as_of=order.as_of, policy=order.policy, loans_a_shard=shard)
    reach("load.derived")
    measured = Measure(accepted, overdue_of(connection, folder, order.as_of))
    report = replace(_decided(order, ties, codes, extract, name, parent, measured, repaired), digests=digests_of(folder))
    write_report(folder, report)
    return LoadOutcome(report, _record(order, report, parent, digest, version))


def _decided(
    order: _Order,
    ties: list[FileTie],
    codes: list[CodeCount],
    extract: Extract,
    name: str,
    parent: Load | None,
    measured: Measure,
    repaired: Load | None,
) -> LoadReport:
    """The report with its verdict: held when it replaces another content of the day, or moves too far."""
    report = LoadReport(
        load=name,
        as_of=order.as_of.isoformat(),
        state=LoadState.ACCEPTED,
        parent=parent.id if parent else "",
        mapping=order.mapping.name,
        repairs=repaired.id if repaired else "",
        simulated=order.lender.simulated,
        files=tuple(ties),
        codes=tuple(codes),
        unused_files=extract.unused,
        accepted=measured.accepted,
        overdue_paise=measured.overdue_paise,
    )
    limits = limits_of(order.lender, order.policy, order.as_of)
    reasons = list(reasons_to_hold(measured, measure_of(parent), rows=report.rows, quarantined=report.quarantined, limits=limits))
    latest = latest_accepted()
    if latest is not None and latest.as_of == order.as_of and not repaired:
        reasons.insert(0, words_of("same_date_other_content", detail=_compared(report, latest)))
    return replace(report, state=LoadState.HELD if reasons else LoadState.ACCEPTED, reasons=tuple(reasons))


def _compared(report: LoadReport, other: Load) -> str:
    """Counts of both loads where they differ."""
    before = other.report.get("accepted", {})
    parts = [f"{table} {before.get(table, 0)} -> {rows}" for table, rows in report.accepted.items() if rows != before.get(table, 0)]
    return f"against {other.id}: " + (", ".join(parts) or "the same number of rows, other values")


def _record(order: _Order, report: LoadReport, parent: Load | None, digest: str, version: int) -> Load:
    """The load row, its files and the audit entry, last and in one transaction."""
    sync_folder(order.lender.loads)
    reach("load.before_commit")
    with transaction.atomic():
        load = Load.objects.create(
            id=report.load,
            as_of=order.as_of,
            version=version,
            parent=parent,
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
        write_audit(at=order.clock(), actor=order.actor, act="load_extract", subject=load.id, after=after)
    reach("load.after_commit")
    return load


def _refused(order: _Order, path: Path, findings: tuple[Finding, ...]) -> LoadOutcome:
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


def _refuse_older(order: _Order) -> None:
    latest = latest_accepted()
    if latest is not None and order.as_of < latest.as_of:
        raise LoadError(
            f"The last accepted load is of {latest.as_of}; {order.as_of} is older and is refused. "
            f"Load a later date, or undo {latest.id} first with: sulah approve {latest.id} --undo"
        )


def _repaired(order: _Order, repair: str | None) -> Load | None:
    """The load that a repair corrects: it must be of this date and still stand."""
    if repair is None:
        return None
    load = Load.objects.filter(id=repair).first()
    if load is None or load.state not in (LoadState.ACCEPTED, LoadState.HELD):
        standing = Load.objects.filter(as_of=order.as_of, state__in=[LoadState.ACCEPTED, LoadState.HELD]).values_list("id", flat=True)
        raise LoadError(f"There is no standing load {repair} to repair. Of {order.as_of} there are: {', '.join(standing) or 'none'}.")
    if load.as_of != order.as_of:
        raise LoadError(f"{repair} is of {load.as_of}; give the same date with --as-of {load.as_of}.")
    return load


def _report_of(load: Load) -> LoadReport:
    """The report of a load as recorded."""
    given = {key: value for key, value in load.report.items() if key not in ("rows", "quarantined", "ties", "files", "codes")}
    files = tuple(FileTie(**{**tie, "unmapped": tuple(tie["unmapped"])}) for tie in load.report["files"])
    return LoadReport(**{**given, "state": load.state, "files": files, "codes": tuple(CodeCount(**code) for code in load.report["codes"])})


def _sizes(lender: Lender) -> Limits:
    settings = lender.settings.get("load", {})
    megabytes = settings.get("largest_file_mb") if isinstance(settings, dict) else None
    return Limits(largest_bytes=int(megabytes) * 1_000_000) if isinstance(megabytes, int) else Limits()


def _digest(order: _Order, sources: list[Source], repair: str | None) -> str:
    """What makes two loads the same: files by table, mapping, business date, and the load repaired."""
    whole = [order.as_of.isoformat(), order.mapping.text, repair or "", digest_parts(sources)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
