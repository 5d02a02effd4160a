"""An HTTP exchange as values: what we ask a provider, what it answers, and what it asks at our own door."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to a provider; headers and body may carry keys and numbers, so they are never shown."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back in whole: status, headers by small-letter name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request at our door: method, query (the last value of each name), headers by small-letter name, raw body, whole address."""

    method: str
    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str = field(default="", repr=False)
