"""Text as it is kept: composed (NFC), without characters that cannot be seen or that turn the direction of writing.

Joiners stay where Indic scripts need them: behind a virama they decide how a name is written (RFC 5892, appendix A).  Everywhere
else they, like all other invisible characters, make two names look the same that are not.  Every row that changes is counted.
"""

from collections.abc import Collection, Sequence

from sulah.adapters.engines.duck import identifier, literal

_VIRAMAS = "".join(
    map(chr, (0x94D, 0x9CD, 0xA4D, 0xACD, 0xB4D, 0xBCD, 0xC4D, 0xCCD, 0xD3B, 0xD3C, 0xD4D, 0xDCA, 0xA8C4, 0xA9C0, 0xABED, 0x11046))
)
_JOINERS = "\u200c\u200d"
_UNSEEN = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
_CONTROLS = r"\x01-\x08\x0b\x0c\x0e-\x1f\x7f" + "\u0080-\u009f"
_STRIPPED = f"([{_VIRAMAS}][{_JOINERS}])|[{_JOINERS}{_UNSEEN}{_CONTROLS}]"


def cleaned(column: str) -> str:
    """SQL of a text column as it is kept; plain ASCII passes untouched unless it holds control characters."""
    name = identifier(column)
    bare = f"nfc_normalize(regexp_replace({name}, {literal(_STRIPPED)}, {literal(chr(92) + '1')}, 'g'))"
    return f"CASE WHEN regexp_full_match({name}, '[ -~]*') THEN {name} ELSE {bare} END"


def cleaned_relation(header: Sequence[str], texts: Collection[str], relation: str) -> str:
    """SQL of the relation with its text columns cleaned."""
    columns = [f"{cleaned(name)} AS {identifier(name)}" if name in texts else identifier(name) for name in header]
    return f"(SELECT __row, {', '.join(columns)} FROM {relation})"


def changed_rows(header: Sequence[str], texts: Collection[str], relation: str) -> str:
    """SQL that counts the rows that cleaning changes, and the first of them."""
    differs = " OR ".join(f"{cleaned(name)} <> {identifier(name)}" for name in header if name in texts)
    return f"SELECT count(*), min(__row) FROM {relation} WHERE {differs or 'false'}"
