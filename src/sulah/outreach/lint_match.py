"""Where the patterns of a language stand in the words of a text: linear in the words, for each step looks back a bounded way.

No regular expression is made of a row, so no row can make the linter slow; `Matcher.steps` counts the work for the tests that hold this.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from sulah.outreach.lint_fold import Word, undoubled, words_of
from sulah.outreach.lint_sound import sound
from sulah.policy.lint_notation import Atoms, Item, Pattern

SOUNDED = frozenset({"hi", "mr"})
"""Languages that people write in Latin letters without a settled spelling, and in Devanagari."""

LONGEST = 18
_LEAST_JOINED = 6
_SHORT_PART, _MOST_PARTS = 3, 4
_MOST_LETTERS = 60
_LEAST_MISSPELT = 5

Span = tuple[int, int]
"""First word and the one after the last."""


class Vocabulary:
    """The words of a language's patterns, looked up by each way in which a text may write them."""

    def __init__(self, language: str, patterns: Iterable[Pattern]) -> None:
        self.sounded = language in SOUNDED
        self._whole: dict[str, set[str]] = defaultdict(set)
        self._begins: dict[str, set[str]] = defaultdict(set)
        self._undoubled: dict[str, set[str]] = defaultdict(set)
        self._misspelt: dict[str, set[str]] = defaultdict(set)
        self._heard: dict[str, set[str]] = defaultdict(set)
        self._heard_begins: dict[str, set[str]] = defaultdict(set)
        self._starred: dict[int, set[str]] = defaultdict(set)
        items = {id(item): item for pattern in patterns for item in pattern}
        self.firsts = {place: frozenset(run[0] for run in item.runs) for place, item in items.items()}
        """The atoms with which an item may begin, by the item's identity: hashing long runs anew for each text would cost the most."""
        for atom in {atom for item in items.values() for run in item.runs for atom in run}:
            self._add(atom)

    def _add(self, atom: str) -> None:
        folded = "".join(word.readings[0] for word in words_of(atom.strip("*%="))) or atom
        begins = atom.endswith("*")
        (self._begins if begins else self._whole)[folded].add(atom)
        if self.sounded and not atom.endswith("=") and folded.isascii() and folded.isalpha():
            (self._heard_begins if begins else self._heard)[sound(folded, begins=begins)].add(atom)
        if not begins and folded.isascii():
            self._undoubled[undoubled(folded)].add(atom)
            self._starred[len(folded)].add(folded)
        if atom.endswith("%"):
            for short in _one_less(folded):
                self._misspelt[short].add(atom)

    def atoms(self, word: Word) -> set[str]:
        """The atoms of the patterns that a word of a text is."""
        found: set[str] = set()
        for reading in word.readings:
            found |= self.read(reading)
            if "*" in reading:
                found |= self._behind_stars(reading)
        return found

    def read(self, reading: str) -> set[str]:
        """The atoms that one reading is."""
        found = set(self._whole.get(reading, ()))
        for end in range(2, min(len(reading), LONGEST) + 1):
            found |= self._begins.get(reading[:end], frozenset())
        if reading.isascii() and reading.isalpha() and _LEAST_MISSPELT <= len(reading) <= LONGEST:
            found |= frozenset() if self.sounded else self._undoubled.get(undoubled(reading), frozenset())
            found |= self._misspelt.get(reading, frozenset())
            for short in _one_less(reading):
                found |= {atom for atom in self._misspelt.get(short, ()) if _swapped_or_more(reading, atom.strip("%"))}
        if self.sounded and (heard := sound(reading)):
            found |= self._heard.get(heard, frozenset())
            for end in range(2, min(len(heard), LONGEST) + 1):
                found |= self._heard_begins.get(heard[:end], frozenset())
        return found

    def _behind_stars(self, reading: str) -> set[str]:
        fits = (word for word in self._starred.get(len(reading), ()) if all(a in ("*", b) for a, b in zip(reading, word, strict=True)))
        return {atom for word in fits for atom in self._whole[word]} if reading.strip("*") else set()


def _one_less(word: str) -> set[str]:
    """A word with one letter left out, never the first."""
    return {word[:place] + word[place + 1 :] for place in range(1, len(word))}


def _swapped_or_more(reading: str, word: str) -> bool:
    """Is the reading the word with two neighbouring letters swapped, or with one letter too many?"""
    return sorted(reading) == sorted(word) or (len(reading) == len(word) + 1 and word in _one_less(reading))


class Matcher:
    """The words of one text, and where the atoms of a vocabulary stand among them."""

    def __init__(self, vocabulary: Vocabulary, words: Sequence[Word]) -> None:
        found = [(word, vocabulary.atoms(word)) for word in words]
        kept = [
            (word, atoms) for word, atoms in found if atoms or word.readings[0][:1].isalnum() or word.piece or len(word.readings[0]) > 1
        ]
        self.words = [word for word, _ in kept]
        self.steps = 0
        self._count = _counted(self.words)
        self._places: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._items: dict[int, list[Span]] = {}
        self._firsts = vocabulary.firsts
        for place, (_, atoms) in enumerate(kept):
            for atom in atoms:
                self._places[atom][place].add(place + 1)
        self._join(vocabulary)

    def _join(self, vocabulary: Vocabulary) -> None:
        """Words that were spaced out or cut: letters one by one, and parts of which one is short."""
        place = 0
        for spaced, group in groupby(self.words, key=lambda word: word.piece):
            run = list(group)
            if spaced and len(run) > 2:
                self._join_letters(vocabulary, run, place)
            place += len(run)
        for at in range(len(self.words) - 1):
            self._join_parts(vocabulary, at)

    def _join_parts(self, vocabulary: Vocabulary, at: int) -> None:
        """Two words of which one is short, or two to four without a space between them: gir-fta-ri."""
        readings = list(self.words[at].readings)
        for end in range(at + 1, min(at + _MOST_PARTS, len(self.words))):
            last = self.words[end]
            short = end == at + 1 and min(len(self.words[at].readings[0]), len(last.readings[0])) <= _SHORT_PART
            if last.sentence != self.words[at].sentence or not (last.joined or short):
                return
            readings = list(dict.fromkeys(left + right for left in readings for right in last.readings))[:4]
            self.steps += 1
            for text in readings:
                if len(text) >= _LEAST_JOINED and not any(sign.isdigit() for sign in text):
                    for atom in vocabulary.read(text):
                        if not atom.endswith("*") or last.joined:
                            self._places[atom][at].add(end + 1)
            if not last.joined:
                return

    def _join_letters(self, vocabulary: Vocabulary, run: list[Word], first: int) -> None:
        for begin in range(len(run)):
            longest = min(len(run), begin + LONGEST)
            texts = [""]
            for end in range(begin, longest):
                self.steps += 1
                texts = list(dict.fromkeys(text + reading for text in texts for reading in run[end].readings))[:4]
                for atom in {atom for text in texts if end - begin >= 2 for atom in vocabulary.read(text)}:
                    whole = not atom.endswith("*")
                    self._places[atom][first + begin] |= {first + end + 1} if whole else set(range(first + end + 1, first + longest + 1))

    def spans(self, pattern: Pattern) -> list[Span]:
        """Where a pattern stands; of those with the same end the shortest, in the order of the text."""
        reached: dict[int, int] = {}
        for number, item in enumerate(pattern):
            spans = self._item(item)
            if not spans:
                return []
            reached = dict(_latest(spans)) if number == 0 else self._follow(reached, item, spans)
            if not reached:
                return []
        return sorted((begin, end) for end, begin in reached.items())

    def _follow(self, reached: dict[int, int], item: Item, spans: list[Span]) -> dict[int, int]:
        """From the ends reached, over a gap, to the spans of the next item: each end with its latest beginning."""
        found: dict[int, int] = {}
        for begin, end in spans:
            for last in range(begin, max(0, begin - item.gap - _MOST_LETTERS) - 1, -1):
                self.steps += 1
                if self._count[begin] - self._count[last] > item.gap:
                    break
                if last in reached and (item.far or self.words[last - 1].sentence == self.words[begin].sentence):
                    found[end] = max(found.get(end, -1), reached[last])
                    break
        return found

    def _item(self, item: Item) -> list[Span]:
        found = self._items.get(id(item))
        if found is None:
            present = [atom for atom in self._firsts[id(item)] if atom in self._places]
            found = sorted({span for run in item.runs if run[0] in present for span in self._run(run)}) if present else []
            self._items[id(item)] = found
        return found

    def _run(self, run: Atoms) -> list[Span]:
        if any(atom not in self._places for atom in run):
            return []
        spans = {(begin, end) for begin, ends in self._places[run[0]].items() for end in ends}
        for atom in run[1:]:
            after = self._places[atom]
            self.steps += len(spans)
            spans = {(begin, end) for begin, middle in spans for end in after.get(middle, ()) if self._together(middle)}
        return list(spans)

    def _together(self, place: int) -> bool:
        return self.words[place - 1].sentence == self.words[place].sentence


def _counted(words: Sequence[Word]) -> list[int]:
    """For each word how many stand before it, letters that were spaced out counted as the one word that they make."""
    counts, count = [], 0
    for place, word in enumerate(words):
        before = words[place - 1] if place else None
        count += int(before is not None and not (word.piece and before.piece and word.start - before.end <= 1))
        counts.append(count)
    return [*counts, count + 1]


def _latest(spans: list[Span]) -> Iterable[Span]:
    """End and latest beginning."""
    found: dict[int, int] = {}
    for begin, end in spans:
        found[end] = max(found.get(end, -1), begin)
    return found.items()
