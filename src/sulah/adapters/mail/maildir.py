"""A Maildir folder: `new` holds what a mail server delivered whole, `cur` what was taken in; nothing is ever deleted here.

Any mail server can deliver into one (cr.yp.to, "Using maildir format"): it writes into `tmp` and renames into `new`, so what is there is
whole.  A file is moved to `cur` only after what it says is committed; a process that ends between the two reads it again, which changes
nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from sulah.kernel.refusal import Refusal

_SEEN = ":2,S"


class NoMaildirError(Refusal):
    """The folder is no Maildir, or may not be read; the words say what to do."""


def waiting(folder: Path, most: int) -> list[Path]:
    """Up to so many mails that were not taken in, the oldest name first; links and folders are passed over."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder / "new") if entry.is_file(follow_symlinks=False))
    except OSError as error:
        words = f"{folder} is no Maildir that can be read ({error.strerror}). Let your mail server deliver into it, or mend maildir."
        raise NoMaildirError(words) from error
    return [folder / "new" / name for name in names[:most] if not name.startswith(".")]


def read(path: Path, most: int) -> bytes | None:
    """The first so many bytes of a mail; None where it is gone, because another process took it in."""
    try:
        with path.open("rb") as mail:
            return mail.read(most)
    except FileNotFoundError:
        return None


def taken(folder: Path, paths: Sequence[Path]) -> None:
    """Move mails that are committed to `cur`; one that another process moved is passed over."""
    (folder / "cur").mkdir(exist_ok=True)
    for path in paths:
        try:
            path.rename(folder / "cur" / f"{path.name.partition(':')[0]}{_SEEN}")
        except FileNotFoundError:
            continue
