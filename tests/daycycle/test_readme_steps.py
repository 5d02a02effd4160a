"""The five steps of the README, typed as they stand there, on files as a lender might send them."""

import csv
import re
import shlex
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
FIRST_DUE = date(2026, 1, 7)


def commands() -> list[str]:
    """The lines of the code blocks under the five steps."""
    section = (ROOT / "README.md").read_text("utf-8").partition("## Your own book in five steps")[2].partition("\n## ")[0]
    return [line.strip() for block in re.findall(r"```\n(.*?)```", section, re.DOTALL) for line in block.splitlines() if line.strip()]


def write(path: Path, header: str, rows: list[list[str]]) -> None:
    """One file under the lender's own column names."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header.split(","), *rows])


def lenders_files(folder: Path) -> None:
    """Three weekly loans under an Indian lender's own headers: one pays, one stopped after four weeks, one payment names no loan."""
    dues = [FIRST_DUE + timedelta(weeks=week) for week in range(12)]
    write(
        folder / "customers.csv",
        "Customer ID,Customer Name,Mobile No,Pin Code",
        [["C1", "Asha", "", "847211"], ["C2", "Babita", "", "847211"]],
    )
    head = "Loan Account No,Customer ID,Product Name,Branch Code,Disbursement Date,Sanctioned Amount"
    write(folder / "loans.csv", head, [[f"L{n}", f"C{n}", "JLG Weekly", "BR01", "31/12/2025", "12,000.00"] for n in (1, 2)])
    schedule = [[f"L{n}", str(number), f"{due:%d/%m/%Y}", "1,000.00", "20.00"] for n in (1, 2) for number, due in enumerate(dues, 1)]
    write(folder / "schedule.csv", "Loan Account No,Inst No,Due Date,Principal,Interest", schedule)
    paid = [(f"L{n}", due) for n, weeks in ((1, 12), (2, 4)) for due in dues[:weeks]]
    receipts = [[f"R{at}", loan, f"{due:%d/%m/%Y}", "1,020.00", "Cash"] for at, (loan, due) in enumerate(paid)]
    write(
        folder / "payments.csv",
        "Receipt No,Loan Account No,Receipt Date,Amount,Mode",
        [*receipts, ["R99", "L9", "13/02/2026", "100.00", "Cash"]],
    )


def test_the_five_steps_lead_from_the_lenders_own_files_to_a_worklist(tmp_path: Path) -> None:
    """Each command ends well; the one that stopped paying is on the worklist, and what was refused is told."""
    here, said = tmp_path, ""
    for command in commands():
        verb, *words = shlex.split(command)
        if verb == "cd":
            here = here / words[0]
            lenders_files(here / "inbox")
        elif words[0] != "serve":
            done = subprocess.run(
                [sys.executable, "-m", "sulah.cli.main", *words], cwd=here, capture_output=True, text=True, check=False, timeout=120
            )
            said += f"$ {command}\n{done.stdout}{done.stderr}"
            assert done.returncode == 0, said
    assert "Rows and rupees tie out." in said
    assert "orphan_loan" in said
    assert "Worklist: 1 opened" in said
    with (here / "position.csv").open(encoding="utf-8", newline="") as handle:
        stands = {row["loan_id"]: (row["dpd"], row["overdue_paise"]) for row in csv.DictReader(handle)}
    # L2's fifth instalment fell due on 4 Feb: 25 day-ends in February, 31 in March
    assert stands == {"L1": ("0", "0"), "L2": ("56", "816000")}


def test_the_steps_end_with_the_pages() -> None:
    """The last command is the one that does not come back."""
    assert commands()[-1] == "sulah serve"
