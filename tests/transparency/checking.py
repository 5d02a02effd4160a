"""A process that holds a lender's log against its records and lets the outside verifier look at it: `... checking ROOT`."""

import os
import subprocess
import sys
from pathlib import Path

from sulah.records.connect import bring_up_to_date, connect_records
from tests.transparency.acting import lender_at
from tests.transparency.made import VERIFIER


def main(root: Path) -> None:
    """Say what is wrong, a line each, and what the verifier, told only the key, says."""
    connect_records(root, os.environ.get("SULAH_TEST_DATABASE", ""))
    bring_up_to_date()
    from sulah.adapters.log.against_records import wrong_log
    from sulah.adapters.log.keys import read_signing_key

    for words in wrong_log(lender_at(root)):
        print("WRONG", words)
    if (root / "log" / "checkpoint").exists():
        key = read_signing_key(root / "keys" / "log.key").verifier.text
        said = subprocess.run(  # the verifier's file, as an outsider has it
            [sys.executable, "-I", str(VERIFIER), "log", str(root / "log"), "--key", key], capture_output=True, text=True, check=False
        )
        print(said.stdout if said.returncode == 0 else f"WRONG {said.stdout}{said.stderr}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
