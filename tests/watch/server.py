"""A real SFTP server on this machine's loopback, over a folder: read only, it drops connections and lets files grow when told to."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko.sftp_si import SFTPServerInterface

USER, PASSWORD = "sulah", "a-simulated-password"
PATIENCE, A_LOOK = 30.0, 0.05
"""Seconds to wait at most until the client has kept what came (a reset throws away what it has not taken yet), and between two looks."""


@dataclass
class Server:
    """The server; hooks: drop_after bytes of any file (once, when `arrived` says so), on_read before a read, with path and offset."""

    folder: Path
    host_key: paramiko.PKey
    user_key: paramiko.PKey | None = None
    drop_after: int | None = None
    arrived: Callable[[], bool] = lambda: True
    on_read: Callable[[Path, int], None] | None = None
    served: int = 0
    reads: list[tuple[str, int]] = field(default_factory=list)
    sign_ins: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _threads: list[threading.Thread] = field(default_factory=list)
    transports: list[paramiko.Transport] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    @property
    def pin(self) -> str:
        """Its host key as lender.toml has it."""
        return f"{self.host_key.get_name()} {self.host_key.get_base64()}"

    def __enter__(self) -> "Server":
        """Begin to listen."""
        self._listener.settimeout(0.2)
        self._threads.append(threading.Thread(target=self._accept, daemon=True))
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening and end every connection."""
        self._listener.close()
        for transport in self.transports:
            transport.close()
        self._threads[0].join(5)

    def _accept(self) -> None:
        while self._listener.fileno() >= 0:
            try:
                raw, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            transport = paramiko.Transport(raw)
            self.transports.append(transport)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Folder, of=self, transport=transport)
            try:
                transport.start_server(server=Door(self))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()  # the client went away during the greeting


class Door(paramiko.ServerInterface):
    """Who may come in."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def check_auth_password(self, username: str, password: str) -> int:
        """The one password."""
        return self._answer(username == USER and password == PASSWORD)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        """The one key."""
        return self._answer(username == USER and self.server.user_key is not None and key.asbytes() == self.server.user_key.asbytes())

    def _answer(self, is_known: bool) -> int:
        self.server.sign_ins += 1
        return int(paramiko.AUTH_SUCCESSFUL if is_known else paramiko.AUTH_FAILED)

    def get_allowed_auths(self, username: str) -> str:
        """Both ways."""
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        """A session, for the subsystem."""
        return int(paramiko.OPEN_SUCCEEDED)


class Folder(SFTPServerInterface):
    """Reading the folder; writing, renaming and removing are refused by the base class."""

    def __init__(self, door: Door, *args: object, of: Server, transport: paramiko.Transport) -> None:
        super().__init__(door)
        self.server, self.transport = of, transport

    def _real(self, path: str) -> Path:
        return self.server.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> object:
        """Names with their facts."""
        try:
            return [paramiko.SFTPAttributes.from_stat(child.stat(), child.name) for child in self._real(path).iterdir()]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> object:
        """Size and time."""
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._real(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: object) -> object:
        """A file, to read."""
        try:
            return Handle(self, self._real(path), flags)
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


class Handle(paramiko.SFTPHandle):
    """An open file."""

    def __init__(self, folder: Folder, path: Path, flags: int) -> None:
        super().__init__(flags)
        self.folder, self.path = folder, path
        self.readfile = path.open("rb")

    def read(self, offset: int, length: int) -> object:
        """Serve some bytes; drop the connection where told."""
        server = self.folder.server
        server.reads.append((self.path.name, offset))
        if server.on_read is not None:
            server.on_read(self.path, offset)
        if server.drop_after is not None and server.served >= server.drop_after:
            server.drop_after = None
            until = time.monotonic() + PATIENCE
            while not server.arrived() and time.monotonic() < until:
                time.sleep(A_LOOK)
            self.folder.transport.close()
            return paramiko.SFTP_CONNECTION_LOST
        found = super().read(offset, length)
        server.served += len(found) if isinstance(found, bytes) else 0
        return found

    def stat(self) -> object:
        """Facts of the open file."""
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))
