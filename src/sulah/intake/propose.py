"""Propose a mapping from headers and sample values; what cannot be known becomes a question, never a guess."""

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field

from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Column, Kind
from sulah.intake.mapping import TableMapping
from sulah.intake.synonyms import COLUMN_WORDS, FILE_WORDS, STATUS_BEGINNINGS, STATUS_WORDS, folded

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T].*)?")
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(.*)")
_NAMED = re.compile(r"\d{1,2}([ -])[A-Za-z]{3}\1(\d{4}|\d{2})")
_GROUPED = re.compile(r"-?\d{1,2}(,\d{2})*,\d{3}(\.\d+)?")


@dataclass(frozen=True, slots=True)
class FileSample:
    """A file as a proposal sees it: its name, header, some values of each column (empty ones left out).

    precise: columns where some amounts, fewer than half, have more than two decimals: the noise of a system that computes in fractions.
    """

    name: str
    header: tuple[str, ...]
    values: Map[str, Sequence[str]]
    precise: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must say: key for --answer, words, and what is taken with --yes ("" = nothing can be)."""

    key: str
    words: str
    proposed: str = ""
    choices: tuple[str, ...] = ()


@dataclass(slots=True)
class Proposal:
    """The proposed tables with the file behind each, and the open questions in order."""

    tables: dict[str, TableMapping] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)


def propose(samples: Sequence[FileSample], answers: Map[str, str]) -> Proposal:
    """A mapping for the files; answers are keyed as the questions are, and decide where they speak.

    Keys: `table.column` -> lender's column, or `=text` for a constant; `table.column.format` -> strptime format;
    `table.column.TERM` -> our term for a lender's term; `file NAME` -> the table of a file.
    """
    proposal = Proposal()
    for sample in samples:
        name = answers.get(f"file {sample.name}") or table_of(sample, proposal.tables)
        if name not in EXTRACT:
            proposal.left_over.append(sample.name)
            continue
        proposal.files[name] = sample.name
        proposal.tables[name] = _table(name, sample, answers, proposal.questions)
    return proposal


def table_of(sample: FileSample, taken: Map[str, TableMapping]) -> str:
    """The table that a file most likely holds: by a word in its name, else by how many required columns its header has."""
    stem = folded(sample.name.split(".")[0])
    for table, words in FILE_WORDS.items():
        if table not in taken and any(word in stem for word in words):
            return table
    scores = {
        name: sum(_candidate(column, sample.header) != "" for column in table.required) / len(table.required)
        for name, table in EXTRACT.items()
        if name not in taken
    }
    best = max(scores, key=lambda name: scores[name], default="")
    return best if best and scores[best] > 0.7 else ""


def _table(name: str, sample: FileSample, answers: Map[str, str], questions: list[Question]) -> TableMapping:
    columns: dict[str, tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    formats: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    grouped = False
    rounded: list[str] = []
    for column in EXTRACT[name].columns:
        key = f"{name}.{column.source}"
        said = answers.get(key, _candidate(column, sample.header))
        if said.startswith("="):
            constants[column.source] = said[1:]
            continue
        if not said:
            _ask_missing(key, column, sample, questions)
            continue
        columns[column.source] = tuple(said.split("+"))
        values = sample.values.get(said, ())
        if column.kind in (Kind.DATE, Kind.MOMENT):
            formats |= _format(key, column, values, answers, questions)
        if column.kind is Kind.PAISE:
            grouped = grouped or any(_GROUPED.fullmatch(value.strip()) for value in values)
            rounded += [column.source] if said in sample.precise else []
        if column.one_of:
            codes |= _codes(key, column, values, answers, questions)
    return TableMapping(name, (sample.name,), columns, constants, codes, formats, {}, tuple(rounded), "indian" if grouped else "none")


def _candidate(column: Column, header: Sequence[str]) -> str:
    """The lender's column for a contract column: the same name first, then what lenders call it, the likeliest first."""
    by_fold = {folded(name): name for name in reversed(header)}
    for word in (folded(column.source), *COLUMN_WORDS.get(column.source, ())):
        if word in by_fold:
            return by_fold[word]
    return ""


def _ask_missing(key: str, column: Column, sample: FileSample, questions: list[Question]) -> None:
    if column.required:
        words = f"Which column of {sample.name} is {key} ({column.meaning.rstrip('.')})?  Or =TEXT for the same in every row."
        questions.append(Question(key, words, "", sample.header))


def _format(key: str, column: Column, values: Sequence[str], answers: Map[str, str], questions: list[Question]) -> dict[str, str]:
    """The format of a date column: none for ISO, one for what is certain, a question where day and month could be either."""
    if f"{key}.format" in answers:
        return {column.source: answers[f"{key}.format"]}
    given = [value.strip() for value in values]
    if not given or all(_ISO.fullmatch(value) for value in given):
        return {}
    if all(_NAMED.fullmatch(value) for value in given):
        mark, year = (" " if " " in given[0] else "-"), ("%Y" if len(given[0].split("-")[-1].split(" ")[-1]) == 4 else "%y")
        return {column.source: f"%d{mark}%b{mark}{year}"}
    matched = [match for value in given if (match := _SLASHED.fullmatch(value))]
    if len(matched) < len(given):
        questions.append(
            Question(f"{key}.format", f"In which format are the dates of {key}, such as {given[0]!r}?  (strptime, like %d/%m/%Y)")
        )
        return {}
    mark, year, clock = matched[0][2], "%Y" if len(matched[0][4]) == 4 else "%y", _clock(matched[0][5])
    day_first, month_first = f"%d{mark}%m{mark}{year}{clock}", f"%m{mark}%d{mark}{year}{clock}"
    if any(int(match[1]) > 12 for match in matched):
        return {column.source: day_first}
    if any(int(match[3]) > 12 for match in matched):
        return {column.source: month_first}
    words = f"Is {given[0]!r} in {key} day first or month first?  Every value seen could be either."
    questions.append(Question(f"{key}.format", words, "", (day_first, month_first)))
    return {}


def _clock(rest: str) -> str:
    """The format of the time of day behind a date.

    >>> _clock(" 08:13:55"), _clock(""), _clock(" 08:13")
    (' %H:%M:%S', '', ' %H:%M')
    """
    return "" if not rest else rest[0] + ("%H:%M:%S" if rest.count(":") == 2 else "%H:%M")


def _means(word: str, term: str) -> bool:
    """Is a lender's folded word known for a term of ours?

    >>> _means("late1630days", "active"), _means("chargedoff", "written_off"), _means("x", "active")
    (True, True, False)
    """
    return word in STATUS_WORDS.get(term, ()) or word.startswith(STATUS_BEGINNINGS.get(term, ("\0",)))


def _codes(key: str, column: Column, values: Sequence[str], answers: Map[str, str], questions: list[Question]) -> dict[str, dict[str, str]]:
    """Terms of a lender that are not ours, translated where the word is known, asked where it is not."""
    terms: dict[str, str] = {}
    for value in sorted({value.strip() for value in values} - {""}):
        if value.lower() in column.one_of:
            continue
        known = next((str(term) for term in column.one_of if _means(folded(value), str(term))), "")
        said = answers.get(f"{key}.{value}", known)
        if said:
            terms[value] = said
        else:
            words = f"What does {value!r} in {key} mean?"
            questions.append(Question(f"{key}.{value}", words, "", tuple(str(term) for term in column.one_of)))
    return {column.source: terms} if terms else {}
