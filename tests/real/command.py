"""The real `sulah` as its own process, and small readings of what it wrote."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "docs" / "examples" / "mappings"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered: exit code, words on both streams, and the JSON object where one was asked for."""

    code: int
    out: str
    err: str

    @property
    def fields(self) -> dict[str, Any]:
        """The one JSON object on stdout; an error when there is anything else."""
        lines = self.out.splitlines()
        assert len(lines) == 1, f"not exactly one line of JSON:\n{self.out}\n{self.err}"
        found = json.loads(lines[0])
        assert isinstance(found, dict)
        return found

    @property
    def words(self) -> str:
        """Both streams with line breaks and runs of spaces taken out, so that a wrapped sentence can be found."""
        return " ".join((self.out + " " + self.err).split())


def sulah(*arguments: object, cwd: Path | None = None, **environment: str) -> Said:
    """Run one command to its end."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
    answer = subprocess.run(
        [Path(sys.executable).with_name("sulah"), *map(str, arguments)],
        cwd=cwd,
        env={**clean, "COLUMNS": "160", "PYTHONUTF8": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Said(answer.returncode, answer.stdout, answer.stderr)


def done(*arguments: object, cwd: Path | None = None, **environment: str) -> dict[str, Any]:
    """Run one command with --json that must succeed; its JSON object."""
    said = sulah(*arguments, "--json", cwd=cwd, **environment)
    assert said.code == 0, said.out + said.err
    return said.fields


def new_lender(root: Path, *mappings: str, entity: str = "nbfc_ml") -> Path:
    """Make a lender's folder with the example mappings of that name."""
    done("init", root, "--entity", entity)
    for name in mappings:
        (root / "mappings" / f"{name}.toml").write_bytes((MAPPINGS / f"{name}.toml").read_bytes())
    return root
