"""Values of the guard as plain JSON and back: one canonical text, so that a digest means the same to everybody."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def instant_text(at: datetime) -> str:
    """An instant in UTC to the microsecond.

    >>> from sulah.kernel.dates import IST
    >>> instant_text(datetime(2026, 11, 22, 19, 0, tzinfo=IST))
    '2026-11-22T13:30:00.000000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no spaces, instants in UTC to the microsecond, dates ISO; TypeError for strange values.

    >>> canonical({"b": (1, None), "a": date(2026, 11, 22)})
    '{"a":"2026-11-22","b":[1,null]}'
    """
    kind = type(value)
    write = _WRITERS.get(kind)
    if write is None:
        write = _WRITERS[kind] = _writer(kind)
    return write(value)


def digest(value: object) -> str:
    """The sha256 of the canonical text in UTF-8, as 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def plain(value: object) -> dict[str, object]:
    """A value of the guard as plain JSON values, complete; the form in which it is stored."""
    return cast(dict[str, object], json.loads(canonical(value)))


_text = json.JSONEncoder(ensure_ascii=False).encode
"""A text as JSON; the encoder is made once."""


def _members(value: Any) -> str:
    return "{" + ",".join([f"{_text(key)}:{canonical(one)}" for key, one in sorted(value.items())]) + "}"


def _items(value: Any) -> str:
    return "[" + ",".join([canonical(one) for one in value]) + "]"


class Written(str):
    """A text that is canonical JSON already; it stands as it is."""

    __slots__ = ()


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _text,
    Written: str,
    int: str,
    bool: {True: "true", False: "false"}.__getitem__,
    NoneType: lambda _: "null",
    datetime: lambda at: f'"{instant_text(at)}"',
    date: lambda day: f'"{day.isoformat()}"',
    dict: _members,
    tuple: _items,
    list: _items,
}
"""What writes the values of a type; those of the guard's own types are added when they are first met."""


def _writer(kind: type) -> Callable[[Any], str]:
    if issubclass(kind, StrEnum):
        return {member: _text(member.value) for member in kind}.__getitem__
    if issubclass(kind, Mapping):
        return _members
    if not is_dataclass(kind):
        raise TypeError(f"{kind.__name__} cannot be written as JSON")
    names = sorted(field.name for field in fields(kind))
    heads = [f'"{name}":' for name in names]
    read = attrgetter(*names)

    def write(value: object) -> str:
        values = read(value) if len(names) > 1 else (read(value),)
        return "{" + ",".join([head + canonical(one) for head, one in zip(heads, values, strict=True)]) + "}"

    return write


def built(cls: type[Value], written: Mapping[str, object]) -> Value:
    """The dataclass that was written as plain values; ValueError where a field is missing, strange or of another kind."""
    return cast(Value, _reader(cast(type, cls))(written))


@cache
def _reader(hint: Any) -> Callable[[Any], object]:
    """What reads the plain values of a type, made once for each; tuples are of one kind and of any length, the rest are mappings."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is UnionType:
        read = _reader(next(part for part in parts if part is not NoneType))
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read_each = _reader(parts[0])
        return lambda value: tuple([read_each(one) for one in value])
    if origin is not None:
        read_key, read_one = _reader(parts[0]), _reader(parts[1])
        return lambda value: {read_key(key): read_one(one) for key, one in value.items()}
    if is_dataclass(hint):
        return _dataclass_reader(cast(type, hint))
    if hint in (datetime, date):
        return cast(Callable[[Any], object], hint.fromisoformat)
    return _term_reader(hint) if issubclass(hint, StrEnum) else _plain_reader(hint)


def _dataclass_reader(cls: type) -> Callable[[Any], object]:
    hints = get_type_hints(cls)
    reads = {field.name: _reader(hints[field.name]) for field in fields(cls)}

    def read(written: Any) -> object:
        if not isinstance(written, dict) or written.keys() != reads.keys():
            raise ValueError(f"this is no whole record of {cls.__name__}; its fields are {', '.join(reads)}")
        return cls(**{name: read_one(written[name]) for name, read_one in reads.items()})

    return read


def _term_reader(kind: type[StrEnum]) -> Callable[[Any], object]:
    terms = {term.value: term for term in kind}

    def read(value: Any) -> object:
        if type(value) is not str or value not in terms:
            raise ValueError(f"{value!r} is none of {', '.join(terms)}")
        return terms[value]

    return read


def _plain_reader(kind: type) -> Callable[[Any], object]:
    def read(value: Any) -> object:
        if type(value) is not kind:
            raise ValueError(f"{value!r} is not of the kind {kind.__name__}")
        return value

    return read
