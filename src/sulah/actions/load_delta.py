"""A delta as the full extract that it stands for: what was sent, what was refused before, and the accepted rows that hang on either."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from sulah.actions.load_folder import LoadError, compact_share_bps, loans_a_shard
from sulah.actions.load_record import Order
from sulah.adapters.book.delta import Delta
from sulah.adapters.book.derive import KNOWN_BEFORE, fit_beside
from sulah.adapters.book.layers import base_of, shards_of
from sulah.adapters.book.retention import is_retired, retired_paths
from sulah.adapters.book.vault import Vault, quarantined_rows
from sulah.adapters.lms.closure import close
from sulah.adapters.lms.manifest_file import Manifest
from sulah.adapters.lms.modes import apply
from sulah.adapters.lms.refusal import refuse
from sulah.adapters.lms.repair import accepted_source, left_source
from sulah.adapters.lms.sift import Sifted, check_rows, prepare, shape_rows
from sulah.adapters.lms.source import ROW_SPAN, Mode, Source
from sulah.contracts.registry import EXTRACT
from sulah.intake.codes import NOT_APPLIED
from sulah.intake.mapping import PLAIN
from sulah.records.load import Load

_ALL_HANGS_ON = ("borrower", "loan", "instalment", "repayment", "relief")
"""Tables that change so many loans when they are sent whole that all are worked on again."""


def parent_of_delta(order: Order, manifest: Manifest, parent: Load | None) -> Load:
    """The load that a delta stands on; RefusedExtractError when there is none, or not the one that the lender means."""
    if parent is None:
        raise refuse("delta_without_base", file="manifest.toml")
    if manifest.since not in (None, parent.as_of):
        detail = f"it says since = {manifest.since}; the last accepted load before {order.as_of} is of {parent.as_of}"
        raise refuse("delta_gap", file="manifest.toml", detail=detail)
    gone = [name for name in ("", "/quarantine.parquet", "/borrower_private.parquet") if is_retired(parent.path + name, retired_paths())]
    if gone:
        raise LoadError(
            f"Files of {parent.id}, which this delta would stand on, were removed when their period was over. Send a full extract."
        )
    return parent


def sift_delta(connection: duckdb.DuckDBPyConnection, order: Order, sent: Sequence[Source], parent: Load) -> tuple[Sifted, Delta]:
    """Check what a delta changes: the rows sent first, then the rest of the extract that they make, in the order of the manifest."""
    folder, vault = order.lender.book / parent.path, Vault(order.lender)
    prepare(connection)
    shapes = shape_rows(connection, sent, order.mapping, order.as_of, order.progress)
    full = frozenset(source.table for source in sent if source.mode is Mode.FULL)
    left = _refused_before(connection, order, folder, full, len(sent) + 1)
    shapes |= shape_rows(connection, left, order.mapping.renamed(), order.as_of, lambda _: None)
    named = frozenset(source.table for source in (*sent, *left))
    accepted = {str(name): int(rows) for name, rows in parent.report["accepted"].items()}
    delta = Delta(folder, full, named, _everything(order, parent, full, named, accepted), accepted)
    order.progress("finding what it changes")
    close(connection, delta, vault)
    held, rows = _held(connection, delta, vault, len(sent) + len(left) + 1)
    shapes |= shape_rows(connection, held, PLAIN, order.as_of, lambda _: None)
    apply(connection, sent, (len(sent) + len(left) + 1) * ROW_SPAN)
    present = tuple(name for name in EXTRACT if name in named or accepted.get(name))
    sifted = check_rows(connection, [*sent, *left, *held], shapes, present, order.progress)
    return sifted, replace(delta, held_rows=rows)


def _everything(order: Order, parent: Load, full: frozenset[str], named: frozenset[str], accepted: dict[str, int]) -> bool:
    """Must all loans be worked on again?  When the rules, the program or a whole table moved, or borrowers come for the first time."""
    rules = (parent.policy_sha256, parent.code_version) != (order.policy_sha256, order.code_version)
    return rules or bool(full & set(_ALL_HANGS_ON)) or ("borrower" in named and not accepted.get("borrower"))


def _refused_before(connection: duckdb.DuckDBPyConnection, order: Order, folder: Path, full: frozenset[str], number: int) -> list[Source]:
    """The refused rows of the load before, by table and file; those of a delta that could not be applied are no part of the extract."""
    left: dict[tuple[str, str], list[dict[str, str | None]]] = defaultdict(list)
    for row in quarantined_rows(order.lender, folder):
        if row["code"] not in NOT_APPLIED and row["table"] not in full:
            left[str(row["table"]), str(row["file"])].append(row)
    return [
        left_source(connection, EXTRACT[table], file, rows, number + place, folder)
        for place, ((table, file), rows) in enumerate(left.items())
    ]


def _held(connection: duckdb.DuckDBPyConnection, delta: Delta, vault: Vault, number: int) -> tuple[list[Source], dict[str, int]]:
    """The accepted rows of the load before that are looked at again, a source for each table; how many rows each has."""
    sources: list[Source] = []
    rows: dict[str, int] = {}
    for name, table in EXTRACT.items():
        if delta.held(name) == "false" or not delta.accepted_before.get(name):
            continue
        typed = delta.held_table(name) if name in KNOWN_BEFORE and not delta.everything else ""
        source = accepted_source(connection, table, delta.rows(name), number + len(sources), vault, delta.held(name), typed=typed)
        rows[name] = int(connection.execute(f"SELECT count(*) FROM {source.relation}").fetchall()[0][0])
        sources.append(source)
    return sources, rows


def placed(connection: duckdb.DuckDBPyConnection, order: Order, delta: Delta) -> Delta:
    """Decide whether the load lies in layers beside a base or is written whole: when too many loans would lie beside, or in a shard."""
    base = base_of(delta.parent) or delta.parent
    limit, account = compact_share_bps(order.lender), delta.rows("account").relation()
    loans, here = connection.execute(
        f"WITH known AS (SELECT a.loan_id FROM {account} AS a UNION SELECT g.loan_id FROM good_loan AS g), "
        f"here AS (SELECT c.loan_id FROM closure_loan AS c UNION SELECT y.loan_id FROM ({delta.earlier_layer()}) AS y) "
        "SELECT count(*), count(CASE WHEN k.loan_id IN (SELECT h.loan_id FROM here AS h) THEN 1 END) FROM known AS k"
    ).fetchall()[0]
    fits = fit_beside(loans, loans_a_shard(order.lender), len(shards_of(base)))
    beside = not delta.everything and limit > 0 and fits and here * 10_000 <= loans * limit
    return replace(delta, base=base) if beside else delta


def worked_on(connection: duckdb.DuckDBPyConnection) -> int:
    """How many loans a delta made us look at again."""
    return int(connection.execute("SELECT count(*) FROM closure_loan").fetchall()[0][0])


def refused_in_whole(connection: duckdb.DuckDBPyConnection) -> int:
    """How many rows of the whole extract are refused."""
    return int(connection.execute("SELECT count(*) FROM (SELECT DISTINCT number, n FROM refused)").fetchall()[0][0])
