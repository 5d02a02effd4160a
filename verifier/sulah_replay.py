#!/usr/bin/env python3
# Copyright 2026 the Sulah maintainers.  SPDX-License-Identifier: Apache-2.0
"""Make a lender's contact decisions again without the lender: the open guard, a bundle, and Python 3.11; no database and no network.

    sulah_replay.py BUNDLE [--digest HEX] [--guard FOLDER]

BUNDLE is a file of `sulah bundle`.  --digest: its digest as you have it from somebody other than who gave you the file.
--guard: the folder that holds the package `sulah` (default: ../src beside this file); only its `guard` and `kernel` are used, so read them.
Exit code: 0 it holds, 1 it does not, 2 it was not checked.
"""

import argparse
import sys
import zipfile
import zlib
from pathlib import Path


class Opened:
    """The files of the bundle."""

    def __init__(self, path: str) -> None:
        self._zip = zipfile.ZipFile(path)
        names = self._zip.namelist()
        if len(set(names)) < len(names):
            raise ValueError("two files of one name: nobody can say which one counts")
        self.names = frozenset(names)

    def lines(self, name: str):
        with self._zip.open(name) as handle:
            while line := handle.readline(16 << 20):
                yield line


def main(words: list) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--digest", default="")
    parser.add_argument("--guard", default=str(Path(__file__).resolve().parent.parent / "src"))
    asked = parser.parse_args(words)
    sys.path.insert(0, asked.guard)
    try:
        from sulah.guard.replay import replayed
        from sulah.guard.replay_says import replay_words
    except ImportError as error:
        print(f"NOT CHECKED: the guard is not in {asked.guard} ({error}).", file=sys.stderr)
        return 2
    try:
        found = replayed(Opened(asked.bundle), asked.digest)
    except OSError as error:
        print(f"NOT CHECKED: {error}.", file=sys.stderr)
        return 2
    except (ValueError, RuntimeError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        print(f"DOES NOT HOLD: {error}.")
        return 1
    print("\n".join(replay_words(found, digest_known=bool(asked.digest))))
    return 0 if found.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
