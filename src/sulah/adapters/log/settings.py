"""[log] of lender.toml: the log's name, where checkpoints are sent and laid, who witnesses it, and whose logs are witnessed here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.outreach.email.settings import sendable
from sulah.transparency.note import LOG, WITNESS, VerifierKey

_LOOPBACK = ("127.0.0.1", "localhost")
_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]+)(?::([0-9]{1,5}))?((?:/[A-Za-z0-9._~-]+)*)")
_ODD = re.compile(r"[^a-z0-9]+")


class LogSettingsError(Refusal):
    """[log] of lender.toml cannot be used as it stands; the words say which line to mend."""


@dataclass(frozen=True, slots=True)
class AskedWitness:
    """Somebody who signs our checkpoints: the address before /add-checkpoint, and the key whose signature counts."""

    secure: bool
    host: str
    port: int
    path: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class LogSettings:
    """All of [log]: origin (empty: made of the lender's name), auditor (empty: no mail), folder of what is published."""

    origin: str
    auditor: str
    folder: Path
    witnesses: tuple[AskedWitness, ...]
    watched: tuple[VerifierKey, ...]


def log_settings(lender: Lender) -> LogSettings:
    """The settings of a lender; LogSettingsError for a line that cannot be used."""
    given = lender.settings.get("log", {})
    if not isinstance(given, Mapping):
        raise LogSettingsError("lender.toml: [log] is a section.")
    auditor = str(given.get("auditor", ""))
    if auditor and not sendable(auditor):
        raise LogSettingsError(f"lender.toml: auditor of [log] is {auditor!r}; write a plain address of e-mail.")
    return LogSettings(
        origin=str(given.get("origin", "")),
        auditor=auditor,
        folder=lender.root / str(given.get("folder", "published")),
        witnesses=tuple(_witness(row) for row in _rows(given, "witness")),
        watched=tuple(_key(row, "watched", LOG) for row in _rows(given, "watched")),
    )


def default_origin(name: str) -> str:
    """The name of a log that nobody named.

    >>> default_origin("Kaveri Finance")
    'kaveri-finance/sulah-log'
    """
    return f"{_ODD.sub('-', name.lower()).strip('-') or 'lender'}/sulah-log"


def _rows(given: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = given.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise LogSettingsError(f"lender.toml: write each of them as [[log.{name}]].")
    return rows


def _key(row: Mapping[str, object], name: str, kind: int) -> VerifierKey:
    try:
        key = VerifierKey.parse(str(row.get("key", "")))
    except UnprovenError as error:
        raise LogSettingsError(f"lender.toml: key of [[log.{name}]] is no verifier key ({error}).") from None
    if key.kind != kind:
        raise LogSettingsError(
            f"lender.toml: key of [[log.{name}]] is one of a {'witness' if kind == LOG else 'log'}, not of the other kind."
        )
    return key


def _witness(row: Mapping[str, object]) -> AskedWitness:
    address = str(row.get("address", "")).rstrip("/")
    found = _ADDRESS.fullmatch(address)
    if found is None or (found[1] == "http" and found[2] not in _LOOPBACK):
        raise LogSettingsError(f"lender.toml: address of [[log.witness]] is {address!r}; write https://HOST, without /add-checkpoint.")
    secure = found[1] == "https"
    return AskedWitness(secure, found[2], int(found[3] or (443 if secure else 80)), found[4], _key(row, "witness", WITNESS))
