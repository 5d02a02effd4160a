"""A lender's SFTP server: the pinned host key held, names with size and time listed, files fetched with resume and verified.

paramiko (LGPL-2.1, used unchanged as a library) speaks the protocol; nothing outside this file knows it.
"""

import errno
import hashlib
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import paramiko

from sulah.adapters.lms.inbox_settings import SftpServer
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal

register("fetch.some_written", "fetch.whole")

TIMEOUT_SECONDS = 30
_BLOCK = paramiko.SFTPFile.MAX_REQUEST_SIZE
"""One answer of the server: each is written when it comes, so that a break loses none that was read."""
_AHEAD = 64
"""Requests under way at a time; some servers drop a client that asks for more."""

_LOST = (EOFError, OSError, paramiko.SSHException)


class SftpError(Refusal):
    """The server cannot be reached, is not the one that it was, or broke off; the words say which and what to do."""


class StillGrowingError(SftpError):
    """A file changed while it was fetched; it is fetched when it has come to rest."""


@dataclass(frozen=True, slots=True, order=True)
class RemoteFile:
    """A file on the server: name in its folder (with a subfolder, where it lies in one), bytes, and time of change in seconds."""

    name: str
    size: int
    mtime: int


class Remote:
    """A connection to the server; use it through `connected`."""

    def __init__(self, server: SftpServer, client: paramiko.SFTPClient) -> None:
        """An open client, in the folder of the server's settings."""
        self.server, self._client = server, client

    def names(self, subfolder: str = "") -> list[tuple[str, bool]]:
        """Names in a folder and whether each is a folder; names that no file of an extract may have are passed over."""
        with _words(self.server):
            found = self._client.listdir_attr(self._path(subfolder))
        return sorted((row.filename, stat.S_ISDIR(row.st_mode or 0)) for row in found if _plain(row.filename))

    def stat(self, name: str) -> RemoteFile:
        """Size and time of a file now."""
        with _words(self.server):
            row = self._client.stat(self._path(name))
        return RemoteFile(name, int(row.st_size or 0), int(row.st_mtime or 0))

    def fetch(self, file: RemoteFile, place: Path) -> str:
        """Fetch a file to `place` by way of `<place>.part`, going on where an earlier try broke off; its SHA-256.

        What is on the server must be the same before and after, else StillGrowingError and nothing appears under the name.
        """
        part = place.with_name(place.name + ".part")
        if self.stat(file.name) != file:
            part.unlink(missing_ok=True)
            raise StillGrowingError(f"{file.name} changed on the server since it was listed. It is fetched when it has come to rest.")
        begun = part.stat().st_size if part.is_file() else 0
        if begun > file.size:
            part.unlink()
            begun = 0
        with part.open("ab") as handle:
            try:
                self._copy(file, handle, begun)
            finally:
                handle.flush()
                os.fsync(handle.fileno())
        if part.stat().st_size != file.size or self.stat(file.name) != file:
            part.unlink()
            raise StillGrowingError(f"{file.name} changed while it was fetched. It is fetched again when it has come to rest.")
        with part.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        part.rename(place)
        reach("fetch.whole")
        return digest

    def _copy(self, file: RemoteFile, handle: BinaryIO, begun: int) -> None:
        with _words(self.server, file.name), self._client.open(self._path(file.name), "rb") as remote:
            remote.seek(begun)
            remote._prefetch_thread = _calm(remote._prefetch_thread)  # noqa: SLF001  (it has no other place to be told that a break is ours)
            remote.prefetch(file.size, max_concurrent_requests=_AHEAD)
            while block := remote.read(_BLOCK):
                handle.write(block)
                reach("fetch.some_written")

    def _path(self, name: str) -> str:
        return f"{self.server.folder}/{name}" if name else self.server.folder


@contextmanager
def connected(server: SftpServer) -> Iterator[Remote]:
    """A connection to the server, its host key held against the pinned one before anything secret is said; SftpError in words."""
    with _words(server):
        raw = socket.create_connection((server.host, server.port), timeout=TIMEOUT_SECONDS)
    transport = paramiko.Transport(raw)
    try:
        with _words(server):
            transport.banner_timeout = transport.auth_timeout = TIMEOUT_SECONDS
            transport.start_client(timeout=TIMEOUT_SECONDS)
        _hold_to_pin(server, transport)
        _sign_in(server, transport)
        with _words(server):
            client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise SftpError(f"{server.host} lets nobody use SFTP on this log-in. Ask the lender's IT.")
        client.get_channel().settimeout(TIMEOUT_SECONDS)
        yield Remote(server, client)
    finally:
        transport.close()


def _hold_to_pin(server: SftpServer, transport: paramiko.Transport) -> None:
    key = transport.get_remote_server_key()
    says = f"{key.get_name()} {key.get_base64()}"
    if says != server.host_key:
        raise SftpError(
            f"{server.host} is not the server that lender.toml knows: its host key is now {says}, and host_key says {server.host_key}. "
            "Nothing was fetched and no password was sent. Ask the lender's IT, by telephone, whether the key was changed; "
            "only when they confirm it write the new one into lender.toml."
        )


def _sign_in(server: SftpServer, transport: paramiko.Transport) -> None:
    password = os.environ.get(server.password_from) if server.password_from else None
    if server.password_from and password is None:
        raise SftpError(f"The environment variable {server.password_from} (password_from in lender.toml) is not set for this process.")
    try:
        if server.key_file is not None:
            transport.auth_publickey(server.user, _key_of(server.key_file, password))
        else:
            transport.auth_password(server.user, password or "", fallback=False)
    except paramiko.AuthenticationException as error:
        way = "key" if server.key_file else "password"
        raise SftpError(f"{server.host} refuses the {way} of {server.user}. Ask the lender's IT whether it still holds.") from error
    except _LOST as error:
        raise SftpError(_lost(server, "", error)) from error


def _key_of(path: Path, password: str | None) -> paramiko.PKey:
    try:
        return paramiko.PKey.from_path(path, password=password or None)
    except FileNotFoundError as error:
        raise SftpError(f"The key file {path.name} (key_file in lender.toml) is not there.") from error
    except (paramiko.SSHException, TypeError, ValueError) as error:
        words = f"The key file {path.name} cannot be used ({error}). If it has a passphrase, name its variable with password_from."
        raise SftpError(words) from error


@contextmanager
def _words(server: SftpServer, name: str = "") -> Iterator[None]:
    """Turn what the network and the server say into words."""
    try:
        yield
    except SftpError:
        raise
    except FileNotFoundError as error:
        raise SftpError(f"{name or server.folder} is not on {server.host}. See the folder and pattern in lender.toml.") from error
    except PermissionError as error:
        raise SftpError(f"{server.host} does not let {server.user} read {name or server.folder}. Ask the lender's IT.") from error
    except _LOST as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            raise  # our own disk: the command line says so in its own words
        raise SftpError(_lost(server, name, error)) from error


def _lost(server: SftpServer, name: str, error: Exception) -> str:
    where = f" while {name} was fetched" if name else ""
    why = str(error) or type(error).__name__
    return f"The connection to {server.host} failed{where} ({why}). What came is kept; the next look goes on from there."


def _calm(ask_ahead: Callable[..., None]) -> Callable[..., None]:
    """The thread that asks ahead ends in silence when the connection breaks: whoever reads meets the same break and says it."""

    def ask(*given: object) -> None:
        with suppress(*_LOST):
            ask_ahead(*given)

    return ask


def _plain(name: str) -> bool:
    return not name.startswith((".", "~$")) and not any(mark in name for mark in "/\\\0")
