"""Load a lender's extract: read, check, keep, derive, then one transaction that makes it a load.  Nothing is visible before."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from sulah.actions.load_book import (
    Footing,
    footing_of,
    latest_standing,
    limits_of,
    measure_of,
    refuse_damaged,
    refuse_older,
    refuse_superseded,
    repaired_load,
)
from sulah.actions.load_delta import parent_of_delta, placed, refused_in_whole, sift_delta, worked_on
from sulah.actions.load_folder import LoadError, loans_a_shard, origin_of, scratch, sweep, write_report
from sulah.actions.load_record import LoadOutcome, Order, Progress, record_load, record_refusal, report_of
from sulah.adapters.book.delta import Delta
from sulah.adapters.book.derive import derive
from sulah.adapters.book.durable import digests_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.vault import Vault
from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.files import Extract, digest_parts, find_files, open_sources, refuse_without_loans, unmapped_columns
from sulah.adapters.lms.identity import refuse_unsafe_ids
from sulah.adapters.lms.keep import keep_accepted, keep_quarantine
from sulah.adapters.lms.limits import limits_in
from sulah.adapters.lms.manifest_file import Manifest, read_manifest, refuse_unmet
from sulah.adapters.lms.overdue import dpd_differences, overdue_of
from sulah.adapters.lms.phones import judge_phones
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.repair import let_go, open_corrections, with_rest
from sulah.adapters.lms.report import code_counts, hold_to_manifest, missing_loans, refuse_mangled
from sulah.adapters.lms.sift import Sifted, refused_rows, sift, tie_out
from sulah.adapters.lms.source import ROW_SPAN, Source
from sulah.intake.codes import words_of
from sulah.intake.load_report import CodeCount, FileTie, LoadReport
from sulah.intake.mapping import PLAIN, Mapping
from sulah.intake.verdict import Measure, reasons_to_hold
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.terms import LoadState
from sulah.policy.load import load_policy
from sulah.records.api_client import ApiTaking
from sulah.records.load import Load

__all__ = ["LoadError", "LoadOutcome", "load_extract"]

register("load.started", "load.derived")


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
    also: Callable[[Load], None] = lambda _: None,
) -> LoadOutcome:
    """Load the extract at path (a folder or one file) for a business date; the outcome says accepted, held or refused.

    The same content again is not loaded twice.  A refused extract leaves the load before it current and is audited.
    repair names a load whose refused rows the files correct; also is called in the transaction that records the load.
    LoadError when the date or the repair cannot be.
    """
    policy = load_policy(lender.policy if lender.policy.is_dir() else None)
    entity = policy.for_entity(lender.entity_type)
    order = Order(lender, as_of, mapping, actor, clock, code_version, entity, policy.sha256, progress or (lambda _: None), also)
    order = replace(order, origin=origin_of(lender, path))
    with sole_runner(lender), scratch(lender) as spill:
        reach("load.started")
        connection = connect(spill=spill)
        try:
            return _load(connection, order, path, repair)
        except RefusedExtractError as error:
            return record_refusal(order, path, error.findings)
        except BaseException:
            sweep(lender)  # gives the disk back at once; a load whose row was committed is not touched
            raise
        finally:
            connection.close()


def _load(connection: duckdb.DuckDBPyConnection, order: Order, path: Path, repair: str | None) -> LoadOutcome:
    repaired = repaired_load(order.as_of, repair)
    if repaired and order.mapping.tables and ApiTaking.objects.filter(load=repaired).exists():
        raise LoadError(f"{repaired.pk} was made from records of the API. Mend its rows by sending them again there, not with --repair.")
    manifest = read_manifest(path, order.as_of) if path.is_dir() else None
    is_delta = manifest is not None and manifest.is_delta and not repaired
    mapping = order.mapping.renamed() if repaired else order.mapping
    if repaired:
        extract, sources = open_corrections(connection, path, limits_in(order.lender.settings))
    else:
        extract = find_files(path, mapping, manifest)
        if not is_delta:
            refuse_without_loans(extract)
        sources = open_sources(connection, extract, mapping, limits_in(order.lender.settings))
    refuse_unmet(manifest, [(table, file.name) for table, file in extract.bound])
    footing = footing_of(order.as_of, repaired)
    digest = _digest(order, sources, repair, footing.parent.id if is_delta and footing.parent else "")
    again = latest_standing(order.as_of)
    if again is not None and again.content_sha256 == digest:
        return LoadOutcome(report_of(again), again, repeated=True)
    refuse_older(order.as_of)
    if repaired:
        refuse_superseded(repaired)
    if manifest is not None and is_delta:
        parent = parent_of_delta(order, manifest, footing.parent)
        refuse_damaged(order.lender, footing, whole=True)
        sifted, delta = sift_delta(connection, order, sources, parent)
    else:
        refuse_damaged(order.lender, footing)
        if repaired:
            sources = with_rest(connection, order.lender, order.lender.book / repaired.path, sources)
        sifted, delta = sift(connection, sources, mapping, order.as_of, progress=order.progress), None
    refuse_mangled(connection, sifted)
    stands_on = order.lender.book / footing.parent.path if footing.parent else None
    sent_below = (len(sources) + 1) * ROW_SPAN if delta else None
    refuse_unsafe_ids(connection, sifted.sources, stands_on, order.lender.settings, sent_below)
    found = _Found(sifted, sources, extract, manifest, digest, footing, placed(connection, order, delta) if delta else None)
    return _keep(connection, order, found)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the checks found: all sources, those that count in the report, and what the load stands on."""

    sifted: Sifted
    counted: Sequence[Source]
    extract: Extract
    manifest: Manifest | None
    digest: str
    footing: Footing
    delta: Delta | None


def _keep(connection: duckdb.DuckDBPyConnection, order: Order, found: _Found) -> LoadOutcome:
    """Tie out, write the folder, derive, decide, record."""
    sifted, footing, delta = found.sifted, found.footing, found.delta
    mapped = () if footing.repaired else found.counted
    unmapped = {
        source.number: unmapped_columns(source, (PLAIN if source.plain else order.mapping).table(source.table)) for source in mapped
    }
    ties = tie_out(connection, replace(sifted, sources=tuple(found.counted)), unmapped)
    hold_to_manifest(ties, found.manifest)
    refused_rows(connection, sifted)
    codes = [*code_counts(connection, sifted), *judge_phones(connection, order.lender.settings, sifted.sources)]
    let_go(connection, sifted.sources)
    version = 1 + max(Load.objects.filter(as_of=order.as_of).values_list("version", flat=True), default=0)
    name = f"{order.as_of.isoformat()}.{version}"
    folder = order.lender.loads / name
    shutil.rmtree(folder, ignore_errors=True)
    order.progress("writing accepted rows")
    vault = Vault(order.lender)
    accepted = keep_accepted(connection, folder, vault, delta)
    keep_quarantine(connection, sifted, folder, vault, order.as_of)
    order.progress("working out dues and receipts")
    parent_folder = order.lender.book / footing.parent.path if footing.parent else None
    shard = loans_a_shard(order.lender)
    derive(connection, folder=folder, parent=parent_folder, as_of=order.as_of, policy=order.policy, loans_a_shard=shard, delta=delta)
    reach("load.derived")
    measured = Measure(accepted, overdue_of(connection, folder, order.as_of), *dpd_differences(connection, order.as_of))
    codes += missing_loans(connection, order.as_of)
    report = _report(order, found, ties, codes, name, measured)
    if delta is not None:
        based = delta.base.name if delta.base else ""
        report = replace(report, delta=True, worked_on=worked_on(connection), base=based)
    report = _decided(order, found, report, measured, refused_in_whole(connection))
    report = replace(report, digests=digests_of(folder))
    write_report(folder, report)
    return LoadOutcome(report, record_load(order, report, footing, found.digest, version))


def _report(order: Order, found: _Found, ties: list[FileTie], codes: list[CodeCount], name: str, measured: Measure) -> LoadReport:
    """The report as long as nothing is decided."""
    parent, repaired = found.footing.parent, found.footing.repaired
    return LoadReport(
        load=name,
        as_of=order.as_of.isoformat(),
        state=LoadState.ACCEPTED,
        parent=parent.id if parent else "",
        mapping=order.mapping.name,
        repairs=repaired.id if repaired else "",
        simulated=order.lender.simulated,
        files=tuple(ties),
        codes=tuple(codes),
        unused_files=found.extract.unused,
        accepted=measured.accepted,
        overdue_paise=measured.overdue_paise,
    )


def _decided(order: Order, found: _Found, report: LoadReport, measured: Measure, refused: int) -> LoadReport:
    """The report with its verdict: held when it replaces another content of the day, repairs a held load, or moves too far."""
    parent, repaired, latest = found.footing.parent, found.footing.repaired, found.footing.latest
    limits = limits_of(order.lender, order.policy, order.as_of)
    rows, quarantined = report.rows, report.quarantined
    reasons: list[str] = []
    if report.delta:  # as the full extract; and by itself, for a file that is broken throughout would hide in the whole
        reasons += reasons_to_hold(Measure({}, 0), None, rows=rows, quarantined=quarantined, limits=limits)
        rows, quarantined = sum(measured.accepted.values()) + refused, refused
    reasons += reasons_to_hold(measured, measure_of(parent), rows=rows, quarantined=quarantined, limits=limits)
    if repaired and repaired.state == LoadState.HELD:
        held = f"It repairs a held load ({repaired.id}), whose reasons still stand. Compare both, then approve or reject."
        reasons = [held, *dict.fromkeys([*repaired.reasons, *reasons])]
    elif latest is not None and latest.as_of == order.as_of and not repaired:
        reasons.insert(0, words_of("same_date_other_content", detail=_compared(report, latest, found.digest)))
    return replace(report, state=LoadState.HELD if reasons else LoadState.ACCEPTED, reasons=tuple(reasons))


def _compared(report: LoadReport, other: Load, digest: str) -> str:
    """Counts of both loads where they differ."""
    if other.content_sha256 == digest:
        return f"against {other.id}: the same content; a later version waits for a decision"
    before = other.report.get("accepted", {})
    parts = [f"{table} {before.get(table, 0)} -> {rows}" for table, rows in report.accepted.items() if rows != before.get(table, 0)]
    return f"against {other.id}: " + (", ".join(parts) or "the same number of rows, other values")


def _digest(order: Order, sources: list[Source], repair: str | None, parent: str) -> str:
    """What makes two loads the same: files by table, mapping, business date, the load repaired, and the one a delta stands on."""
    whole = [order.as_of.isoformat(), order.mapping.text, repair or "", digest_parts(sources), *([parent] if parent else [])]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
