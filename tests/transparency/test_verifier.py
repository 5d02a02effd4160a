"""The outside verifier as its users meet it: a file of its own, one library, three exit codes, plain words."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.short_code import to_code
from tests.transparency.made import KEYS, ORIGIN, VERIFIER, grown, key_of, outside, receipt_of, witnessed

LINES = 300


def test_it_is_one_short_file_that_shares_no_code_with_us() -> None:
    text = VERIFIER.read_text("utf-8")
    assert text.count("\n") <= LINES
    assert "SPDX-License-Identifier: Apache-2.0" in text.split("\n")[1]
    tree = ast.parse(text)
    named = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    outside_of_python = {name.partition(".")[0] for name in named} - set(sys.stdlib_module_names)
    assert outside_of_python == {"cryptography"}


def test_it_runs_as_a_program_far_from_the_project(tmp_path: Path) -> None:
    grown(tmp_path / "log", [300])
    shutil.copy(VERIFIER, tmp_path / "verify.py")
    (tmp_path / "keys").write_text("\n".join(key.text for key in KEYS) + "\n\n", "utf-8")
    words = [sys.executable, "-I", "verify.py", "log", "log", "--keys", "keys"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"HOLDS: every entry and every tile of the log {ORIGIN} of 300 entries, signed; no known witness")
    (tmp_path / "log/tile/0/000").unlink()
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, env={})
    assert (ended.returncode, ended.stdout) == (1, "DOES NOT HOLD: the log lacks its file tile/0/000.\n")


def test_what_was_not_checked_is_never_said_to_hold(tmp_path: Path) -> None:
    grown(tmp_path / "log", [3])
    (tmp_path / "receipt").write_bytes(receipt_of(tmp_path / "log", 1).to_json())
    code, said = outside("receipt", tmp_path / "receipt", trusted=[])
    assert (code, "cannot vouch for its own keys" in said) == (2, True)
    assert outside("receipt", tmp_path / "receipt", trusted=[KEYS[1].text])[0] == 2
    assert outside("receipt", tmp_path / "receipt", trusted=["a+b+c"])[0] == 2
    assert outside("receipt", tmp_path / "nowhere")[0] == 2
    assert outside("receipt", tmp_path / "receipt", trusted=[key_of(ORIGIN, seed="other").verifier.text])[0] == 1
    assert outside("receipt", tmp_path / "receipt", trusted=[KEYS[0].text])[0] == 0


def test_it_says_what_the_receipt_says_and_who_saw_it(tmp_path: Path) -> None:
    notes = grown(tmp_path / "log", [3, 30])
    (tmp_path / "receipt").write_bytes(receipt_of(tmp_path / "log", 1, witnessed(notes[0])).to_json())
    (tmp_path / "code").write_text(to_code(receipt_of(tmp_path / "log", 1, witnessed(notes[0]))), "utf-8")
    (tmp_path / "seen").write_text(str(notes[0]), "utf-8")
    code, said = outside("receipt", tmp_path / "receipt", "--seen", tmp_path / "seen", "--after", "2026-11-23T05:45:00Z")
    entry = "entry 1 (receipt.issued on 2026-11-23, 2026-11-23T04:45:01Z, by a1, about s0001)"
    assert (code, said) == (
        0,
        f"HOLDS: {entry} is in the log {ORIGIN} of 3 entries, signed; witnessed by witness.example/w1 at 2026-11-23T05:45:00Z. "
        'It says: \'{"channel":"sms","number":1}\'.',
    )
    assert outside("code", tmp_path / "code")[0] == 0
    assert outside("receipt", tmp_path / "receipt", "--after", "2026-11-23T05:45:01Z")[0] == 1
    assert outside("receipt", tmp_path / "receipt", "--witnesses", 2)[0] == 1


def test_the_foot_of_a_message_is_held_against_the_log(tmp_path: Path) -> None:
    notes = grown(tmp_path / "log", [0, 3, 256, 300])
    grown(tmp_path / "forked", [0, 3, 256, 300], "fork")
    for note in notes:
        footer = parse_checkpoint(note.text).footer
        assert outside("footer", footer.lower(), "--log", tmp_path / "log")[0] == 0
        assert outside("footer", footer, "--log", tmp_path / "forked")[0] == (0 if footer.startswith("0-") else 1)
    assert outside("footer", "301-AAAA-AAAA-AAAA-AAAA", "--log", tmp_path / "log")[0] == 1
    assert outside("footer", "soon", "--log", tmp_path / "log")[0] == 1
