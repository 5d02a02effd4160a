"""XLSX as rows of text, read by a process that may take only so much memory and time."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sulah.adapters.lms.csv_text import check_header
from sulah.adapters.lms.limits import Limits
from sulah.adapters.lms.refusal import refuse

_REFUSED = 3


def sheet_table(path: Path, *, table: str, ids: Sequence[str], limits: Limits, folder: Path) -> tuple[tuple[str, ...], pa.Table]:
    """Header and text columns (with __row) of the first sheet that is not empty; ids stored as numbers are refused.

    folder takes the cells on their way.  RefusedExtractError also when the reader dies of the workbook or runs out of time.
    """
    with tempfile.NamedTemporaryFile(suffix=".arrow", dir=folder) as out:
        request = {
            "path": str(path.resolve()),
            "out": out.name,
            "ids": list(ids),
            "rows": limits.sheet_rows,
            "columns": limits.columns,
            "longest": limits.line_bytes,
            "entries": limits.sheet_entries,
            "bytes": limits.sheet_bytes,
            "ratio": limits.ratio,
            "memory_mb": limits.sheet_memory_mb,
            "cpu_seconds": limits.sheet_cpu_seconds,
        }
        code, said = _read_apart(request, limits.sheet_cpu_seconds * 4)
        if code == _REFUSED:
            answer = json.loads(said)
            raise refuse(answer["code"], table=table, file=path.name, field=answer["field"], detail=answer["detail"])
        if code != 0:
            raise refuse("sheet_too_heavy", table=table, file=path.name)
        with pa.memory_map(out.name) as cells:
            read = pa.ipc.open_file(cells).read_all()
    header = tuple(read.column_names[1:])
    check_header(header, path, table)
    return header, read


def _read_apart(request: dict[str, object], seconds: int) -> tuple[int, str]:
    """Run the reader to its end; its exit code (not 0 when it died or took too long) and what it said."""
    command = [sys.executable, "-I", "-m", "sulah.adapters.lms.sheet_child", json.dumps(request)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL)  # noqa: S603
    except subprocess.TimeoutExpired:
        return -1, ""
    return done.returncode, done.stdout
