"""How large and how odd a file may be before it is refused unread: every limit is a setting of [load] in lender.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_LINE = 4 << 20
"""Bytes of the longest line that is read; a file with a longer one is refused."""
RATIO_FROM = 64 << 20
"""Bytes of text up to which nobody asks how well a file was compressed: so much does no harm."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes beyond which a file is refused.

    largest_bytes: text after decompression.  The largest honest file is the schedule of India's whole microfinance book: 100 million
    loans of 26 instalments, 60 bytes each, is 156 GB; the default lies above it, so that size alone refuses nobody who is honest.
    ratio: bytes of text to bytes on the disk, asked beyond RATIO_FROM.  Schedules shrink 5 to 40 times; a bomb shrinks 1,000 times.
    columns: the widest export that lenders sent had about 150.  sheet_rows: a sheet of a spreadsheet ends at 1,048,576 rows.
    sheet_bytes and sheet_entries: XML text and parts of a workbook.  sheet_memory_mb and sheet_cpu_seconds: what its reader may take.
    workdir: where a file in another encoding is written again as UTF-8; none: the connection's own temporary folder.
    """

    largest_bytes: int = 200_000 * 1_000_000
    ratio: int = 200
    columns: int = 1_000
    line_bytes: int = LONGEST_LINE
    sheet_rows: int = 1_100_000
    sheet_bytes: int = 4_000 * 1_000_000
    sheet_entries: int = 10_000
    sheet_memory_mb: int = 6_000
    sheet_cpu_seconds: int = 900
    workdir: Path | None = None


_SETTINGS = {
    "largest_file_mb": ("largest_bytes", 1_000_000),
    "largest_ratio": ("ratio", 1),
    "most_columns": ("columns", 1),
    "sheet_rows": ("sheet_rows", 1),
    "sheet_mb": ("sheet_bytes", 1_000_000),
    "sheet_memory_mb": ("sheet_memory_mb", 1),
    "sheet_cpu_seconds": ("sheet_cpu_seconds", 1),
}
"""Setting under [load] -> limit and what one of it means."""


def limits_in(settings: Mapping[str, object]) -> Limits:
    """The limits of a lender's settings ([load] of lender.toml); what is not given, or is no whole number above zero, is the default.

    >>> limits_in({"load": {"largest_file_mb": 5, "most_columns": -1}}).largest_bytes
    5000000
    """
    own = settings.get("load", {})
    given = own if isinstance(own, Mapping) else {}
    said: dict[str, Any] = {
        limit: value * times
        for name, (limit, times) in _SETTINGS.items()
        if isinstance(value := given.get(name), int) and not isinstance(value, bool) and value > 0
    }
    return Limits(**said)
