"""The version of the code that ran: the package version and a digest of every source file, statement and rule."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

PACKAGE = "0.1.0"
_SOURCES = (".py", ".sql", ".toml")


@cache
def code_version() -> str:
    """`<version>+<first 16 hex digits>` of the SHA-256 over the package's sources in path order; what a replay must match."""
    root = Path(str(files("sulah")))
    total = sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _SOURCES):
        total.update(str(path.relative_to(root).as_posix()).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{PACKAGE}+{total.hexdigest()[:16]}"
