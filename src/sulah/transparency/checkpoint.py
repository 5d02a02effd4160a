"""Checkpoints: the size and root of the log, signed (https://c2sp.org/tlog-checkpoint), and their short form for the foot of a message."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.merkle import EMPTY_ROOT, HASH_BYTES
from sulah.transparency.note import LOG, Note, Signed, SigningKey, VerifierKey, parse_note, read_base64, sign_note

FOOTER_LETTERS = 16
"""80 bits of the root.  Changing the log after a message went out and keeping its code takes about 2**80 tries; preparing two logs with one
code takes about 2**40, so a code is a hint that is dear to fake, and the receipt is the proof (docs/adr/0017-a-log-outsiders-check.md)."""

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_FOOTER = re.compile(r"(0|[1-9][0-9]{0,18})((?:-[A-Z2-7]{4}){4})")
_ALIKE = str.maketrans("018", "OIB")
"""Base32 has no 0, 1 and 8: whoever types them meant the letters."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` has so many entries, and this root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def footer(self) -> str:
        """The short form: the size and 16 letters of the root, 21 to 36 characters.

        >>> Checkpoint("log.example", 8, bytes(32)).footer
        '8-AAAA-AAAA-AAAA-AAAA'
        """
        letters = base64.b32encode(self.root).decode()[:FOOTER_LETTERS]
        return "-".join([str(self.size), *(letters[at : at + 4] for at in range(0, FOOTER_LETTERS, 4))])

    def fits(self, footer: str) -> bool:
        """Is this the checkpoint that a message's footer told of?  Small letters, spaces and look-alikes are forgiven."""
        return read_footer(footer) == self.footer


def read_footer(text: str) -> str:
    """A footer as it was printed; UnprovenError for what is none.

    >>> read_footer(" 8 aaaa-aaaa aaaa-aa0o ")
    '8-AAAA-AAAA-AAAA-AAOO'
    """
    size, _, letters = "-".join(text.upper().replace("-", " ").split()).partition("-")
    tidy = f"{size}-{letters.translate(_ALIKE)}"
    if not _FOOTER.fullmatch(tidy):
        raise UnprovenError("the code at the foot of a message is a number and four times four letters")
    return tidy


def footer_size(footer: str) -> int:
    """The size of the log that a footer tells of."""
    return int(read_footer(footer).partition("-")[0])


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from the text of a note; UnprovenError unless it is written in the one way."""
    lines = text.split("\n")
    if lines.pop() or len(lines) < 3 or "" in lines or not _SIZE.fullmatch(lines[1]):
        raise UnprovenError("a checkpoint says origin, size and root, each on a line")
    made = Checkpoint(lines[0], int(lines[1]), read_base64(lines[2], "the root of the checkpoint"), tuple(lines[3:]))
    if len(made.root) != HASH_BYTES:
        raise UnprovenError("the root of the checkpoint is no hash")
    return made


def open_checkpoint(note: bytes | str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, tuple[Signed, ...]]:
    """A checkpoint and who signed it; UnprovenError unless a trusted log's key of the checkpoint's own origin did.

    Witnesses among the keys are checked too: a false signature of a known witness spoils the note.
    """
    parsed = parse_note(note)
    checkpoint, signed = parse_checkpoint(parsed.text), parsed.signed_by(keys)
    if not any(one.key.kind == LOG and one.key.name == checkpoint.origin for one in signed):
        raise UnprovenError(f"{checkpoint.origin} itself has not signed the checkpoint")
    if not checkpoint.size and checkpoint.root != EMPTY_ROOT:
        raise UnprovenError("the root of the checkpoint is not that of an empty log")
    return checkpoint, signed


def sign_checkpoint(checkpoint: Checkpoint, keys: Iterable[SigningKey]) -> Note:
    """The checkpoint as a note; keys: the log's, of the origin's name (two while one replaces the other)."""
    return sign_note(checkpoint.text, list(keys))
