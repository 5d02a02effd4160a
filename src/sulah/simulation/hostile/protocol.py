"""The pack as folders: inputs as a lender sends them, and case.toml with what must come of each step (docs/operate/hostile.md)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sulah.simulation.hostile.case import Case, Day, Decide, Load, Step
from sulah.simulation.hostile.lender import YESTERDAY, files, good

BASE = "base"
"""The folder of the good extract that every case begins with, loaded and run for YESTERDAY."""


def write_pack(root: Path, cases: Sequence[Case]) -> None:
    """Write the good extract and every case below root; the same bytes each time, but for what compression makes of them."""
    _write_files(root / BASE, files(good(YESTERDAY)))
    for case in cases:
        folder = root / case.name
        lines = [f"class = {_quoted(case.group)}", f"title = {_quoted(case.title)}"]
        lines += [f"settings = {_quoted(case.settings)}"] if case.settings else []
        for number, step in enumerate(case.steps, start=1):
            lines += ["", "[[step]]", *_step(step, folder, number)]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _step(step: Step, folder: Path, number: int) -> list[str]:
    match step:
        case Load():
            sent = folder / str(number)
            _write_files(sent, step.files)
            for name, target in step.links.items():
                (sent / name).symlink_to(target)
            if step.mapping:
                (folder / f"{number}.mapping.toml").write_text(step.mapping, encoding="utf-8")
            return _load(step, number)
        case Decide():
            return ['do = "approve"', f"reject = {str(step.reject).lower()}"]
        case Day():
            tables = {f"{table}/{key}": dict(cells) for table, keys in step.rows.items() for key, cells in keys.items()}
            absent = [f"{table}/{key}" for table, keys in step.absent.items() for key in keys]
            rows = [line for place, cells in tables.items() for line in _section(f"step.rows.{_quoted(place)}", cells)]
            return ['do = "day"', f"as_of = {step.as_of}", "exit = 0", f"absent = {json.dumps(absent)}", *rows]


def _load(step: Load, number: int) -> list[str]:
    lines = ['do = "load"', f"as_of = {step.as_of}", f"outcome = {_quoted(step.outcome)}", f"exit = {step.exit}"]
    lines += [f'mapping = "{number}.mapping.toml"'] if step.mapping else []
    lines += [f"holds = {json.dumps(list(step.holds))}"] if step.holds else []
    for name, values in (("codes", step.codes), ("loaded", step.loaded), ("refused_rows", step.refused_rows), ("cells", step.cells)):
        lines += _section(f"step.{name}", values)
    return lines


def _section(title: str, values: Mapping[str, object]) -> list[str]:
    listed = [f"{_quoted(key)} = {_quoted(value) if isinstance(value, str) else value}" for key, value in values.items()]
    return ["", f"[{title}]", *listed] if values else []


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_files(folder: Path, sent: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sent.items():
        (folder / name).write_bytes(content)
