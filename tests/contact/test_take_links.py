"""A file of payment links: good rows are kept or ended, the others told, every row counted; the same file twice changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.take_links import LinksRefusedError, LinksTaken, take_links
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.link import PaymentLink
from tests.contact.people import BY, NOON, put_person
from tests.outbox.place import new_place
from tests.real.command import done

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON)
HEAD = "loan_id,reference,address,until,state"
PAGE = "https://pay.example/l/1"
GOOD = (f"L-P1,plink-1,{PAGE},2026-12-31,", f"L-P1,plink-2,{PAGE},2026-12-31T18:00:00+05:30,open")


@pytest.fixture(autouse=True)
def _borrower() -> None:
    put_person("P1", loans=[{"loan_id": "L-P1"}])


def take(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> LinksTaken:
    path = folder / "links.csv"
    path.write_bytes("\r\n".join((head, *rows)).encode(encoding))
    return take_links(path, by=BY, clock=CLOCK)


def counts(taken: LinksTaken) -> tuple[int, int, int, int, int]:
    """Rows, kept, known, ended, refused."""
    return taken.rows, taken.kept, taken.known, taken.ended, taken.refused


def test_good_rows_are_kept_a_date_lasting_to_its_end_in_india(tmp_path: Path) -> None:
    assert counts(take(tmp_path, *GOOD, encoding="utf-8-sig")) == (2, 2, 0, 0, 0)
    ends = dict(PaymentLink.objects.values_list("reference", "until"))
    assert ends == {"plink-1": datetime(2026, 12, 31, 18, 30, tzinfo=UTC), "plink-2": datetime(2026, 12, 31, 12, 30, tzinfo=UTC)}
    entry = AuditEntry.objects.get(act="links.take")
    assert (entry.after["rows"], entry.after["kept"], len(entry.after["content_sha256"])) == (2, 2, 64)


def test_the_same_file_twice_changes_nothing_even_when_its_links_are_over(tmp_path: Path) -> None:
    take(tmp_path, *GOOD)
    late = fixed_clock(NOON + timedelta(days=400))
    assert counts(take_links(tmp_path / "links.csv", by=BY, clock=late)) == (2, 0, 2, 0, 0)
    assert AuditEntry.objects.filter(act="link.keep").count() == 2


def test_a_link_that_was_paid_by_ends_once_and_only_under_its_own_loan(tmp_path: Path) -> None:
    put_person("P2", loans=[{"loan_id": "L-P2"}])
    take(tmp_path, *GOOD)
    assert counts(take(tmp_path, f"L-P2,plink-1,{PAGE},2026-12-31,ended")) == (1, 0, 0, 0, 1)
    assert counts(take(tmp_path, f"L-P1,plink-1,{PAGE},2026-12-31,ended")) == (1, 0, 0, 1, 0)
    assert counts(take(tmp_path, f"L-P1,plink-1,{PAGE},2026-12-31,ended")) == (1, 0, 1, 0, 0)
    assert PaymentLink.objects.get(reference="plink-1").ended_at == NOON
    assert PaymentLink.objects.get(reference="plink-2").ended_at is None


BAD = {
    f"L-P9,plink-3,{PAGE},2026-12-31,": ("loan_id", "orphan_loan"),
    f",plink-3,{PAGE},2026-12-31,": ("loan_id", "required_missing"),
    f"L-P1,,{PAGE},2026-12-31,": ("reference", "required_missing"),
    "L-P1,plink-3,,2026-12-31,": ("address", "required_missing"),
    f"L-P1,plink-3,{PAGE},,": ("until", "required_missing"),
    f"L-P1,plink-3,{PAGE},31/12/2026,": ("until", "date_unreadable"),
    f"L-P1,plink-3,{PAGE},2026-12-31T18:00:00,": ("until", "date_unreadable"),
    f"L-P1,plink-3,{PAGE},9999-12-31,": ("until", "date_unreadable"),
    f"L-P1,plink-3,{PAGE},2026-12-31,paid": ("state", "term_unknown"),
    f"L-P1,plink-3,{PAGE},2026-11-01,": ("reference", "link_refused"),
    f"L-P1,plink-3,{PAGE},2026-12-31,ended": ("reference", "link_refused"),
    "L-P1,plink-3,http://pay.example/l/1,2026-12-31,": ("reference", "link_refused"),
    "L-P1,plink-3,javascript:alert(1),2026-12-31,": ("reference", "link_refused"),
    "L-P1,plink-1,https://pay.example/other,2026-12-31,": ("reference", "link_refused"),
    "L-P1,plink-3": ("", "csv_malformed_row"),
}


@pytest.mark.parametrize("row", BAD)
def test_a_row_that_cannot_be_is_told_with_its_code_and_the_rest_is_taken(tmp_path: Path, row: str) -> None:
    taken = take(tmp_path, GOOD[0], row, GOOD[1])
    assert counts(taken) == (3, 2, 0, 0, 1)
    assert [(number, field, code) for number, field, code, _ in taken.findings] == [(2, *BAD[row])]
    assert all(words.endswith(".") for *_, words in taken.findings)
    assert PaymentLink.objects.count() == 2


@pytest.mark.parametrize(
    ("head", "rows", "encoding"),
    [
        ("loan_id,reference,address", ("L-P1,plink-1,x",), "utf-8"),
        (HEAD, ('L-P1,"plink-1,x,2026-12-31,',), "utf-8"),
        (HEAD, GOOD, "utf-16"),
        ("", (), "utf-8"),
    ],
    ids=["a column missing", "a quote without end", "another encoding", "nothing"],
)
def test_a_file_that_cannot_be_read_whole_changes_nothing(tmp_path: Path, head: str, rows: tuple[str, ...], encoding: str) -> None:
    with pytest.raises(LinksRefusedError):
        take(tmp_path, *rows, head=head, encoding=encoding)
    assert (PaymentLink.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_a_file_behind_a_symbolic_link_and_an_agents_file_are_refused(tmp_path: Path) -> None:
    take(tmp_path, *GOOD)
    (tmp_path / "alias.csv").symlink_to(tmp_path / "links.csv")
    with pytest.raises(LinksRefusedError):
        take_links(tmp_path / "alias.csv", by=BY, clock=CLOCK)
    with pytest.raises(NotPermittedError):
        take_links(tmp_path / "links.csv", by=Actor("eka", Role.AGENT), clock=CLOCK)


@pytest.mark.slow
def test_the_command_says_how_the_rows_tie_out(tmp_path: Path) -> None:
    """In a lender of its own whose book knows no loan yet."""
    root = new_place(tmp_path / "kaveri").root
    path = tmp_path / "links.csv"
    path.write_text("\n".join((HEAD, *GOOD)))
    said = done("links", path, "--lender", root)
    assert {name: said[name] for name in ("rows", "kept", "refused")} == {"rows": 2, "kept": 0, "refused": 2}
    assert [finding[:3] for finding in said["findings"]] == [[1, "loan_id", "orphan_loan"], [2, "loan_id", "orphan_loan"]]
