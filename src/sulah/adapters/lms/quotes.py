"""Lone quotes: a quoted field that no one closed swallows the good rows behind it, so its file is refused as a whole.

The count of quotes does not tell: two lone quotes in two rows make a file that every reader takes, with the rows between them
inside one field.  So each line is counted by itself; only when a line is uneven (a field may well hold a line break) are the
records looked at one by one.
"""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from sulah.adapters.lms.refusal import refuse
from sulah.adapters.lms.text_encoding import is_gzip

_LONGEST_FIELD = 4 << 20


class LineQuotes:
    """Watches the blocks of a file for a line with an uneven number of quotes."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.uneven = False
        self._open_line = 0

    def look(self, block: bytes) -> None:
        """Count the quotes of each line; the last line goes on in the next block."""
        if self.uneven:
            return
        if b'"' not in block:
            self._open_line = 0 if b"\n" in block else self._open_line
            return
        lines = block.split(b"\n")
        counts = [line.count(b'"') for line in lines]
        counts[0] += self._open_line
        self._open_line = counts.pop()
        self.uneven = any(count % 2 for count in counts)

    def end(self) -> bool:
        """Was any line uneven, the last one included?"""
        return self.uneven or self._open_line % 2 == 1


def refuse_swallowed_rows(path: Path, name: str, table: str, *, fields: int, delimiter: str) -> None:
    """RefusedExtractError when a quoted field runs over line breaks and swallows what look like rows, or runs to the end.

    A field over several lines is believed when its record has the right number of fields and the field itself holds fewer
    delimiters than a row: an address in two lines is text, three rows of a schedule are not.  name is the file as sent.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    lines: list[str] = []
    last = ""
    with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
        reader = csv.reader(_kept(text, lines), delimiter=delimiter)
        try:
            for record in reader:
                if len(lines) > 1 and _swallows(record, fields, delimiter):
                    words = f"a quoted field holds {len(lines)} lines, from: {record[0][:40]}"
                    raise refuse("quote_unterminated", table=table, file=name, detail=words)
                last = "".join(lines)
                lines.clear()
        except csv.Error as error:
            raise refuse("line_too_long", table=table, file=name, detail=str(error)) from error
    if _never_closed(last, delimiter):
        raise refuse("quote_unterminated", table=table, file=name)


def _kept(text: Iterator[str], lines: list[str]) -> Iterator[str]:
    """The lines of the text, each put into lines as it goes by."""
    for line in text:
        lines.append(line)
        yield line


def _swallows(record: list[str], fields: int, delimiter: str) -> bool:
    return len(record) != fields or any("\n" in field and field.count(delimiter) >= fields - 1 for field in record)


def _never_closed(record: str, delimiter: str) -> bool:
    """Does the text of the last record end inside a quoted field?"""
    try:
        for _ in csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False
