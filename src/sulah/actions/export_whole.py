"""The act of leaving with everything: every table, every record and every name of a lender, in formats that need no part of Sulah."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from sulah.actions.export_table import ExportRefusedError, exported_rows
from sulah.adapters.book.durable import durable, sha256_of, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import load_rows
from sulah.adapters.book.sound import hold_sound
from sulah.adapters.book.vault import Vault, quarantined_rows
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Scope, Table
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.points import reach, register
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.supplement import Supplement

register("export.entry_written", "export.whole_written")

SECRETS = {"Person": ("password",), "ApiClient": ("token_sha256",), "LogEntry": ("salt",)}
"""Fields of records that nobody takes out: what only this server can use."""

_ABOUT = """Everything that Sulah held of this lender on {as_of}, written for whoever takes it over.

tables/      one Parquet file a table: those of the extract as accepted, those worked out from them, those of the day; amounts are paise
supplements/ what came between two extracts, as it was accepted (returned debits, mandates)
personal/    names, numbers and addresses, and the rows that were refused: one JSON object a line, in clear.  Keep it as you keep keys.
records/     one JSON object a line for each record of the database: loads, days, audit entries, people (no passwords)
manifest.json every file with its rows and SHA-256, and what each column means
"""


def export_whole(lender: Lender, as_of: date, folder: Path, *, actor: str, clock: Clock, tell: Callable[[str], None]) -> dict[str, int]:
    """Write all that is held of a lender into a new folder; rows by file.  ExportRefusedError: no such day, or the folder is there.

    The audit entry stands before the first name is opened; the folder appears whole or not at all, readable by its owner only.
    """
    run = DayRun.objects.filter(as_of=as_of).select_related("load").first()
    if run is None:
        raise ExportRefusedError(f"{day_text(as_of)} has not run. Run it first: sulah day --as-of {as_of}")
    if folder.exists():
        raise ExportRefusedError(f"{folder} is already there. Name a folder that is not: nothing is ever written over.")
    with transaction.atomic():
        after = {"folder": folder.name, "load": run.load_id, "personal_data_opened": True}
        write_audit(at=clock(), actor=actor, act="lender.export", subject=f"lender:{as_of}", after=after)
    reach("export.entry_written")
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    try:
        written = dict(_written(lender, run, part, tell))
        manifest = {"as_of": as_of, "load": run.load_id, "files": _files(part, written), "columns": _meanings(written)}
        _write(part / "manifest.json", [manifest], indent=1)
        (part / "README.txt").write_text(_ABOUT.format(as_of=day_text(as_of)), encoding="utf-8")
        for place in sorted({path.parent for path in part.rglob("*")}):
            sync_folder(place)
        reach("export.whole_written")
        part.rename(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return written


def _written(lender: Lender, run: DayRun, part: Path, tell: Callable[[str], None]) -> Iterator[tuple[str, int]]:
    """Write file after file; the name and rows of each."""
    for table in TABLES.values():
        if _is_held(lender, run, table):
            tell(table.name)
            out = part / "tables" / f"{table.name}.parquet"
            yield f"tables/{out.name}", exported_rows(lender, run, table, out)
    for sent in Supplement.objects.filter(load__as_of__lte=run.load.as_of).order_by("id"):
        for path in sorted((lender.book / sent.path).glob("*.parquet")):
            hold_sound(f"supplement {sent.pk}", path.parent, sent.report.get("digests", {}), (path,))
            name = f"supplements/{sent.pk}/{path.name}"
            with durable(part / name) as temporary:
                shutil.copyfile(path, temporary)
            yield name, pq.ParquetFile(path).metadata.num_rows
    folder = lender.book / run.load.path
    vault = Vault(lender)
    for sealed in sorted(folder.glob("*_private.parquet")):
        tell(sealed.stem)
        hold_sound(f"load {run.load_id}", folder, run.load.report.get("digests", {}), (sealed,))
        yield f"personal/{sealed.stem}.jsonl", _write(part / "personal" / f"{sealed.stem}.jsonl", _opened(sealed, vault))
    tell("quarantine")
    load_rows(lender, run.load, "quarantine")
    yield "personal/quarantine.jsonl", _write(part / "personal" / "quarantine.jsonl", quarantined_rows(lender, folder))
    for model in apps.get_app_config("records").get_models():
        tell(model.__name__)
        name = f"{model.__name__.lower()}.jsonl"
        yield f"records/{name}", _write(part / "records" / name, _plain(model))


def _is_held(lender: Lender, run: DayRun, table: Table) -> bool:
    """Does the lender have the table: did its extract bring it, did the day make it?"""
    if table.name == "quarantine":
        return False  # refused rows go with the personal ones
    if table.scope in (Scope.PERSON, Scope.BOOK):
        return bool(run.tables.get(table.name))
    if table.scope is Scope.EXTRACT:
        return (
            table.name in run.load.report.get("accepted", {})
            or (lender.book / run.load.path / "accepted" / f"{table.name}.parquet").is_file()
        )
    return True


def _opened(path: Path, vault: Vault) -> Iterator[dict[str, Any]]:
    """The rows of a sealed file: whose they are, and what the seal held."""
    file = pq.ParquetFile(path)
    key = next(name for name in file.schema_arrow.names if name != "sealed")
    for batch in file.iter_batches(50_000):
        rows = [(row[key], row["sealed"]) for row in batch.to_pylist()]
        for (subject, _), opened in zip(rows, vault.open_people(rows), strict=True):
            yield {key: subject, **opened}


def _plain(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    """The rows of a record in order of their key, without its secrets."""
    kept = [field.attname for field in model._meta.concrete_fields if field.attname not in SECRETS.get(model.__name__, ())]  # noqa: SLF001
    yield from model._default_manager.order_by("pk").values(*kept).iterator(5_000)  # noqa: SLF001


def _write(path: Path, rows: Any, indent: int | None = None) -> int:
    """One JSON object a line (or one indented object); how many."""
    count = 0
    with durable(path) as temporary, temporary.open("w", encoding="utf-8") as handle:
        for row in rows:
            handle.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent) + "\n")
            count += 1
    return count


def _files(part: Path, written: dict[str, int]) -> dict[str, dict[str, object]]:
    return {name: {"rows": rows, "sha256": sha256_of(part / name)} for name, rows in written.items()}


def _meanings(written: dict[str, int]) -> dict[str, dict[str, str]]:
    """What each column of each table means, by the contract."""
    tables = [Path(name).stem for name in written if name.startswith("tables/")]
    return {name: {column.name: f"{column.meaning} ({column.kind.value})" for column in TABLES[name].columns} for name in tables}
