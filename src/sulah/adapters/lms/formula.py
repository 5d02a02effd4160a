"""Texts that a spreadsheet would run as a formula: quoted on the way out, bared of exactly that quote on the way back."""

import re
from collections.abc import Sequence
from dataclasses import replace

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.source import Source

_GUARDED = r"'*[=+\-@\t\r]"
_PLAIN_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(text: str) -> str:
    """The text as a spreadsheet may open it: one leading quote more before what it would run; a plain negative number stays.

    A text that stands behind quotes already gets one more too, so that taking one away always gives the text back.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("-5.00"), guarded("Asha")
    ("'=1+1", "''=1+1", '-5.00', 'Asha')
    """
    if _PLAIN_NEGATIVE.fullmatch(text) or not re.match(_GUARDED, text):
        return text
    return "'" + text


def bared(source: Source) -> Source:
    """The source whose texts lose the one leading quote that `guarded` gave them; other leading quotes stay."""
    return replace(source, relation=f"(SELECT __row, {_bared_columns(source.header)} FROM {source.relation})", native={})


def _bared_columns(header: Sequence[str]) -> str:
    quoted = literal(f"^'{_GUARDED}")
    columns = [identifier(name) for name in header]
    return ", ".join(f"CASE WHEN regexp_matches({name}, {quoted}) THEN {name}[2:] ELSE {name} END AS {name}" for name in columns)
