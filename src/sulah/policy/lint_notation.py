"""The notation of the linter's rows: sequences of words with gaps and alternatives, read into items (docs/policy/linter.md)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

GAP, FAR = 3, 12
"""Other words that `~` and `~~` stand for at most, where no number follows."""

WIDEST = 20
MOST_OPTIONAL = 3
_PIECES = re.compile(r"(?:[^\s()]|\([^()]*\))+")
_GAP = re.compile(r"(~~?)(\d*)")
_ATOM = re.compile(r"[^\W_]?[^\s|?*%=@()~]*[*%=]?")

Atoms = tuple[str, ...]
"""A run of words that follow each other; `word*` begins with it, `word%` is the word with a letter missing or swapped too, `word=` is
spelt so and not only heard so."""


class NotationError(ValueError):
    """A pattern cannot be read; the words say what is wrong in it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One step of a pattern: any of these runs of words, after at most `gap` other words; `far`: sentence ends may lie between."""

    runs: tuple[Atoms, ...]
    gap: int = 0
    far: bool = False


Pattern = tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    item: Item
    may_lack: bool


def read_pattern(written: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[Pattern, ...]:
    """The patterns that a written one stands for, one for each choice of what may lack (`word?`); NotationError when it cannot be read.

    >>> (pattern,) = read_pattern("tell|inform ~2 (your boss | family)", {})
    >>> [(item.runs, item.gap) for item in pattern]
    [((('tell',), ('inform',)), 0), ((('your', 'boss'), ('family',)), 2)]
    >>> [len(pattern) for pattern in read_pattern("go to the? @places", {"places": ("jail", "police station")})]
    [4, 3]
    """
    pieces = list(_pieces(written, lists))
    if not pieces:
        raise NotationError(f"{written!r} names no word")
    loose = sum(piece.may_lack for piece in pieces)
    if loose > MOST_OPTIONAL or pieces[0].may_lack or pieces[-1].may_lack:
        raise NotationError(f"{written!r}: at most {MOST_OPTIONAL} words may lack, and neither the first nor the last")
    choices = product(*((True, False) if piece.may_lack else (True,) for piece in pieces))
    return tuple(_kept(pieces, choice) for choice in choices)


def _kept(pieces: list[_Piece], choice: tuple[bool, ...]) -> Pattern:
    """The items that are chosen; the gap before one that is left out goes to the next."""
    kept: list[Item] = []
    gap, far = 0, False
    for piece, chosen in zip(pieces, choice, strict=True):
        gap, far = gap + piece.item.gap, far or piece.item.far
        if chosen:
            kept.append(Item(piece.item.runs, gap, far))
            gap, far = 0, False
    return tuple(kept)


def _pieces(written: str, lists: Mapping[str, tuple[str, ...]]) -> Iterator[_Piece]:
    gap, far, first = 0, False, True
    for piece in _PIECES.findall(written):
        if found := _GAP.fullmatch(piece):
            if first or gap:
                raise NotationError(f"{written!r}: a gap stands between two words")
            far = found[1] == "~~"
            gap = int(found[2] or (FAR if far else GAP))
            if not 0 < gap <= WIDEST:
                raise NotationError(f"{written!r}: a gap has 1 to {WIDEST} words")
            continue
        yield _Piece(Item(_runs(piece.removesuffix("?"), written, lists), gap, far), piece.endswith("?"))
        gap, far, first = 0, False, False
    if gap:
        raise NotationError(f"{written!r}: a gap stands between two words")


def _runs(piece: str, written: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[Atoms, ...]:
    runs: list[Atoms] = []
    for alternative in piece.replace("(", "").replace(")", "").split("|"):
        words = alternative.split()
        if not words:
            raise NotationError(f"{written!r}: an alternative is empty")
        choices = [[(word,)] if not word.startswith("@") else _listed(word[1:], written, lists) for word in words]
        runs += [tuple(atom for run in choice for atom in run) for choice in product(*choices)]
    for atom in (atom for run in runs for atom in run):
        if not _ATOM.fullmatch(atom) or not atom.strip("*%="):
            raise NotationError(f"{written!r}: {atom!r} is not a word")
    return tuple(dict.fromkeys(runs))


def _listed(name: str, written: str, lists: Mapping[str, tuple[str, ...]]) -> list[Atoms]:
    if name not in lists:
        raise NotationError(f"{written!r}: there is no list of words named {name!r}")
    return [tuple(entry.split()) for entry in lists[name]]
