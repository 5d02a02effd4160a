"""The configuration document: what is live, nothing secret, the same for the same settings, printable as page and file."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender, open_lender
from sulah.daycycle.configuration import configuration_of
from sulah.insight.configuration import Configuration, Section, as_html, as_markdown
from sulah.kernel.terms import EntityType, Role
from sulah.kernel.version import code_version
from sulah.policy.load import load_policy
from tests.web import cast

SignIn = Callable[..., Client]
OWN = """
[[remove]]
rule_id = "WTF-INTEREST-PRINCIPAL-CHARGE"
last_day = 2026-03-31

[[row]]
rule_id = "OWN-WTF-CHARGE-FIRST"
order_name = "charge_interest_principal"
charge_place = 1
interest_place = 2
principal_place = 3
entity_types = ["*"]
effective_from = 2026-04-01
status = "policy"
citation = "Loan agreement of April 2026, clause 7 | annexure"
confidence = "POLICY"
example.given = { paid_paise = 100, principal_paise = 90, interest_paise = 30, charge_paise = 5 }
example.expect = { principal_paise = 65 }
"""


@pytest.fixture
def own(tmp_path: Path, db: None) -> Lender:
    """A lender with settings, an own rule and a mapping."""
    (tmp_path / "policy").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "policy" / "waterfall.toml").write_text(OWN, "utf-8")
    (tmp_path / "mappings" / "daily.toml").write_text('[loan]\nfiles = ["accounts*.csv"]\n', "utf-8")
    text = '[lender]\nname = "Kaveri"\nentity_type = "nbfc_mfi"\n[database]\nurl = "postgresql://secret@host/db"\n'
    (tmp_path / "lender.toml").write_text(f'{text}[watch]\nsftp_password = "hunter2"\nrun_day = true\n', "utf-8")
    return open_lender(tmp_path)


def section(document: Configuration, ident: str) -> Section:
    """A section by its ident."""
    return next(one for one in document.sections if one.ident == ident)


def test_every_rule_that_binds_on_the_day_is_in_it_with_its_source(own: Lender) -> None:
    """All tables, this lender's kind, the day's rows; no other."""
    on = date(2026, 3, 31)
    document = configuration_of(own, on)
    bound = load_policy(own.policy).for_entity(EntityType.NBFC_MFI)
    for table, rows in bound.tables.items():
        listed = section(document, f"rules-{table}").rows
        assert {row[0] for row in listed} == {row.rule_id for row in rows if row.in_force(on)}
        assert all(row[2] for row in listed)


@pytest.mark.parametrize(("on", "rule"), [(date(2026, 3, 31), "WTF-INTEREST-PRINCIPAL-CHARGE"), (date(2026, 4, 1), "OWN-WTF-CHARGE-FIRST")])
def test_a_rule_changes_with_its_date(own: Lender, on: date, rule: str) -> None:
    """The last day of the one, the first day of the other."""
    both = {"WTF-INTEREST-PRINCIPAL-CHARGE", "OWN-WTF-CHARGE-FIRST"}
    assert {row[0] for row in section(configuration_of(own, on), "rules-waterfall").rows} & both == {rule}


def test_the_lenders_own_rules_are_told_apart(own: Lender) -> None:
    """What was added and what was ended, with the source."""
    changes = {row[0]: row[2] for row in section(configuration_of(own, cast.LAST), "overrides").rows}
    assert changes == {"OWN-WTF-CHARGE-FIRST": "added", "WTF-INTEREST-PRINCIPAL-CHARGE": "ended after 31 Mar 2026"}


def test_no_secret_leaves_the_settings(own: Lender) -> None:
    """Neither the database's address nor a password, in either form; that they are set is told."""
    document = configuration_of(own, cast.LAST)
    for text in (as_markdown(document), as_html(document)):
        assert "hunter2" not in text
        assert "secret@host" not in text
        assert "watch.sftp_password" in text
        assert "PostgreSQL" in text


def test_the_same_settings_give_the_same_document(own: Lender) -> None:
    """Nothing in it is the time of writing; a changed setting changes the digest."""
    first = configuration_of(own, cast.LAST)
    assert as_markdown(first) == as_markdown(configuration_of(own, cast.LAST))
    path = own.root / "lender.toml"
    path.write_text(path.read_text("utf-8").replace("run_day = true", "run_day = false"), "utf-8")
    assert configuration_of(open_lender(own.root), cast.LAST).digest != first.digest


def test_a_cell_cannot_break_the_table_or_become_markup() -> None:
    """Bars, line breaks, tags and fences in what a lender wrote."""
    hostile = Configuration("<b>C</b>", (Section("a", "A", "", ("k", "v"), (("x|y\nz", "<script>"),), text="```\n"),))
    assert "| x\\|y z | <script> |" in as_markdown(hostile).splitlines()
    assert "~~~~~toml" in as_markdown(hostile)
    assert "<script>" not in as_html(hostile)
    assert "<b>C" not in as_html(hostile)


def test_the_page_says_versions_digest_and_the_mapping_as_it_stands(
    own: Lender, signed_in: SignIn, settings: pytest.FixtureRequest
) -> None:
    """What the document says stands on the page, also before any day has run."""
    settings.LENDER = own.root  # type: ignore[attr-defined]
    text = signed_in(Role.COMPLIANCE).get("/configuration?day=2026-03-31").content.decode()
    assert code_version() in text
    assert configuration_of(own, cast.LAST).digest in text
    assert "accounts*.csv" in text
    assert "No day has run yet." in text


@pytest.mark.parametrize(("kind", "begins"), [("md", "# Configuration of"), ("html", "<!doctype html>")])
def test_the_document_is_taken_as_one_file(lender: Lender, signed_in: SignIn, kind: str, begins: str) -> None:
    """Named after its day."""
    answer = signed_in(Role.INSPECTOR).get(f"/configuration?as={kind}")
    assert answer.content.decode().startswith(begins)
    assert f'filename="configuration-2026-03-31.{kind}"' in answer.headers["Content-Disposition"]


def test_rules_that_cannot_be_read_are_said_in_words(own: Lender, signed_in: SignIn, settings: pytest.FixtureRequest) -> None:
    """Which file, and what to do; no broken page."""
    settings.LENDER = own.root  # type: ignore[attr-defined]
    (own.policy / "waterfall.toml").write_text("[[row", "utf-8")
    answer = signed_in(Role.ADMINISTRATOR).get("/configuration")
    assert answer.status_code == 409
    assert "policy/waterfall.toml" in answer.content.decode()
    assert signed_in(Role.INSPECTOR).get("/configuration?day=yesterday").status_code == 404
