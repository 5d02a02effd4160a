"""Load what comes between two extracts (bounced debits, mandates, collections): checked, tied out, kept beside the load it stands on.

A supplement changes no position: days past due move when the lender posts or reverses a receipt, never because a debit bounced.
"""

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
from django.db import transaction

from sulah.actions.load_book import latest_accepted
from sulah.actions.load_folder import LoadError, origin_of, scratch, write_report
from sulah.actions.load_record import LoadOutcome, Order, Progress, record_refusal, report_of
from sulah.adapters.book.durable import digests_of, durable, sync_folder
from sulah.adapters.book.layers import rows_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.vault import Vault
from sulah.adapters.engines.duck import connect, identifier, write_parquet
from sulah.adapters.lms.files import Extract, Limits, digest_parts, find_files, open_sources, unmapped_columns
from sulah.adapters.lms.keep import keep_quarantine
from sulah.adapters.lms.manifest_file import Manifest, read_manifest, refuse_unmet
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.report import code_counts, hold_to_manifest, refuse_mangled
from sulah.adapters.lms.sift import Sifted, refused_rows, sift, tie_out
from sulah.adapters.lms.source import Source
from sulah.contracts.registry import EXTRACT
from sulah.intake.load_report import LoadReport
from sulah.intake.mapping import PLAIN, Mapping
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.terms import LoadState
from sulah.policy.load import load_policy
from sulah.records.audit import write_audit
from sulah.records.load import Load
from sulah.records.supplement import Supplement

register("supplement.written", "supplement.after_commit")

TABLES = ("mandate", "bounce", "collection")
"""The tables that may come between two extracts."""

_LOAN = ("loan_id", "borrower_id", "product", "disbursed_on", "principal")


def is_supplement(path: Path, mapping: Mapping, as_of: date) -> bool:
    """Do the files feed only tables that may come between two extracts?  Anything unclear is an extract, and is told so there."""
    try:
        manifest = read_manifest(path, as_of) if path.is_dir() else None
        bound = find_files(path, mapping, manifest).bound
    except RefusedExtractError:
        return False
    return {table for table, _ in bound} <= set(TABLES) and not (manifest is not None and manifest.is_delta)


def load_supplement(
    lender: Lender,
    path: Path,
    as_of: date,
    *,
    mapping: Mapping = PLAIN,
    actor: str,
    clock: Clock,
    code_version: str,
    progress: Progress | None = None,
) -> LoadOutcome:
    """Load a supplement of a business date onto the latest accepted load; accepted or refused, never held.

    The same content again is not loaded twice.  LoadError when nothing is accepted yet, or only a later date.
    """
    policy = load_policy(lender.policy if lender.policy.is_dir() else None)
    entity = policy.for_entity(lender.entity_type)
    order = Order(lender, as_of, mapping, actor, clock, code_version, entity, policy.sha256, progress or (lambda _: None))
    order = replace(order, origin=origin_of(lender, path))
    with sole_runner(lender), scratch(lender) as spill:
        _sweep(lender)
        load = _base(as_of)
        connection = connect(spill=spill)
        try:
            return _load(connection, order, path, load)
        except RefusedExtractError as error:
            return record_refusal(order, path, error.findings)
        finally:
            connection.close()


def _base(as_of: date) -> Load:
    load = latest_accepted()
    if load is None:
        raise LoadError(f"There is no accepted load that it could stand on. Load the extract first: sulah load FOLDER --as-of {as_of}")
    if load.as_of > as_of:
        raise LoadError(f"The last accepted load is of {load.as_of}; a supplement of {as_of} is older. Give --as-of {load.as_of} or later.")
    return load


def _load(connection: duckdb.DuckDBPyConnection, order: Order, path: Path, load: Load) -> LoadOutcome:
    manifest = read_manifest(path, order.as_of) if path.is_dir() else None
    extract = find_files(path, order.mapping, manifest)
    sources = open_sources(connection, extract, order.mapping, Limits())
    refuse_unmet(manifest, [(table, file.name) for table, file in extract.bound])
    digest = _digest(order, sources)
    again = Supplement.objects.filter(load=load, content_sha256=digest).first()
    if again is not None:
        return LoadOutcome(_report_of(again), load, repeated=True)
    sifted = _sifted(connection, order, sources, load)
    refuse_mangled(connection, sifted)
    return _keep(connection, order, sifted, extract, manifest, digest, load)


def _sifted(connection: duckdb.DuckDBPyConnection, order: Order, sources: list[Source], load: Load) -> Sifted:
    """The rows checked like those of an extract, with the loans of the load to refer to, which are then left out of the count."""
    known = "loan_id, borrower_id, product, CAST(disbursed_on AS VARCHAR) AS disbursed_on, '1' AS principal"
    first = order.lender.book / load.path
    accounts = rows_of_load(first, "account").relation()
    relation = f"(SELECT row_number() OVER () AS __row, {known} FROM {accounts} AS a)"
    loans = Source("loan", first, f"loans of {load.id}", len(sources) + 1, _LOAN, relation, load.content_sha256, plain=True)
    sifted = sift(connection, [*sources, loans], order.mapping, order.as_of, progress=order.progress)
    return replace(sifted, sources=tuple(sources), present=tuple(table for table in sifted.present if table != "loan"))


def _keep(
    connection: duckdb.DuckDBPyConnection,
    order: Order,
    sifted: Sifted,
    extract: Extract,
    manifest: Manifest | None,
    digest: str,
    load: Load,
) -> LoadOutcome:
    """Tie out, write the folder, and record it in one transaction."""
    ties = tie_out(connection, sifted, {s.number: unmapped_columns(s, order.mapping.table(s.table)) for s in sifted.sources})
    hold_to_manifest(ties, manifest)
    refused_rows(connection, sifted)
    codes = code_counts(connection, sifted)
    number = 1 + Supplement.objects.filter(load=load).count()
    name = f"{load.id}-s{number}"
    folder = _folder(order.lender) / name
    order.progress("writing accepted rows")
    accepted = {table: _write(connection, table, folder) for table in sifted.present}
    keep_quarantine(connection, sifted, folder, Vault(order.lender), order.as_of)
    order.progress("recording")
    report = LoadReport(
        load=name,
        as_of=order.as_of.isoformat(),
        state=LoadState.ACCEPTED,
        parent=load.id,
        mapping=order.mapping.name,
        simulated=order.lender.simulated,
        files=tuple(ties),
        codes=tuple(codes),
        unused_files=extract.unused,
        accepted=accepted,
        digests=digests_of(folder),
    )
    write_report(folder, report)
    sync_folder(folder.parent)
    reach("supplement.written")
    _record(order, report, digest, load, number)
    reach("supplement.after_commit")
    return LoadOutcome(report, load)


def _record(order: Order, report: LoadReport, digest: str, load: Load, number: int) -> None:
    with transaction.atomic():
        if not Load.objects.select_for_update().filter(pk=load.pk, state=LoadState.ACCEPTED).exists():
            raise LoadError(f"{load.id} was undone while the supplement was worked out. Nothing was recorded. Load it again.")
        Supplement.objects.create(
            id=report.load,
            load=load,
            number=number,
            content_sha256=digest,
            mapping=order.mapping.name,
            path=f"supplements/{report.load}",
            report=report.to_json(),
            loaded_at=order.clock(),
            loaded_by=order.actor,
        )
        after = {"load": load.id, "rows": report.rows, "quarantined": report.quarantined, "from": order.origin}
        write_audit(at=order.clock(), actor=order.actor, act="load_supplement", subject=report.load, after=after)


def _write(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> int:
    contract = EXTRACT[table]
    columns = ", ".join(identifier(column) for column in contract.names)
    ordered = ", ".join(identifier(column) for column in contract.order)
    with durable(folder / f"{table}.parquet") as part:
        return write_parquet(connection, f"SELECT {columns} FROM good_{table} ORDER BY {ordered}", part)


def _sweep(lender: Lender) -> None:
    """Remove the folders of supplements that were killed before their row was committed."""
    known = set(Supplement.objects.values_list("id", flat=True))
    for child in sorted(_folder(lender).iterdir()):
        if child.name not in known:
            shutil.rmtree(child)


def _folder(lender: Lender) -> Path:
    folder = lender.book / "supplements"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(order: Order, sources: list[Source]) -> str:
    whole = [order.as_of.isoformat(), order.mapping.text, digest_parts(sources)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _report_of(supplement: Supplement) -> LoadReport:
    """The report as recorded; a supplement is always accepted."""
    return report_of(Load(report=supplement.report, state=LoadState.ACCEPTED))
