"""The simulated lender is plausible, and every planted oddity is really there."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from sulah.kernel.terms import LoanStatus, RepaymentStatus
from sulah.simulation.places import BRANCHES, FLOODED_PINCODE, LENDER
from sulah.simulation.standing import QUIRKS, Standings
from sulah.simulation.world import MIX, build_world
from tests.simulation.worlds import SEED, share_late, small_world, whole_world
from tests.village.cast import LAST_DAY

pytestmark = pytest.mark.slow


def test_the_lender_is_named_as_simulated_and_has_about_five_thousand_loans_in_three_states() -> None:
    """Weekly centres, monthly loans, three branches."""
    world = whole_world()
    assert LENDER == world.lender == "Sahara Demo Microfinance (simulated)"
    assert 4_900 <= len(world.accounts) <= 5_150
    assert len({branch.state for branch in BRANCHES}) == 3
    products = [account.product for account in world.accounts]
    assert all(abs(100 * products.count(product.code) / len(products) - share) < 2 for product, share in MIX)


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_a_plausible_share_is_overdue_on_the_last_day(seed: int) -> None:
    """8-20% of the active loans have something overdue, 2-6% are beyond 90 days."""
    world = whole_world(seed)
    assert 8 <= share_late(world, LAST_DAY, 0) <= 20
    assert 2 <= share_late(world, LAST_DAY, 90) <= 6


def test_no_day_moves_the_overdue_by_so_much_that_an_extract_would_be_held() -> None:
    """Total overdue of the last ten days, day on day, within a tenth."""
    world = whole_world()
    known = [(account, Standings(account)) for account in world.accounts]
    days = [LAST_DAY - timedelta(days=back) for back in range(9, -1, -1)]
    totals = [
        sum(max(0, s.due(day) - s.paid(day)) for a, s in known if a.disbursed_on <= day and a.status_on(day) in ("active", "written_off"))
        for day in days
    ]
    assert all(abs(after - before) < before / 10 for before, after in pairwise(totals))


def test_groups_have_five_to_eight_members_who_meet_on_one_weekday() -> None:
    """Joint-liability groups of a centre; instalments fall on the centre's meeting day unless the centre moved."""
    world = whole_world()
    sizes: dict[str, int] = {}
    for person in world.people:
        if re.match(r"C-(MDB|NSK|SLM)", person.group_id):
            sizes[person.group_id] = sizes.get(person.group_id, 0) + 1
    assert set(sizes.values()) == {5, 6, 7, 8}
    weekday = {centre.centre_id: centre.weekday for centre in world.centres}
    centre_of = {person.borrower_id: person.centre_id for person in world.people}
    groups = [account for account in world.accounts if account.product == "jlg" and account.temper != "village"]
    assert all(due.due_on.weekday() == weekday[centre_of[a.borrower_id]] for a in groups for due in a.versions[0].dues)


def test_every_schedule_repays_exactly_what_was_lent() -> None:
    """First versions add up to the principal, and re-schedules together with what they leave in place do too."""
    for account in whole_world().accounts:
        assert sum(due.principal for due in account.versions[0].dues) == account.principal, account.loan_id
        assert sum(due.principal for due in account.dues_on(LAST_DAY)) == account.principal, account.loan_id


def test_nobody_pays_before_the_loan_or_more_than_the_schedule_asks_for() -> None:
    """Net receipts never exceed all dues, and never go below zero on any day an entry counts."""
    for account in whole_world().accounts:
        standings = Standings(account)
        assert all(account.disbursed_on <= receipt.paid_on <= LAST_DAY for receipt in account.receipts), account.loan_id
        assert all(standings.paid(receipt.effective_on) >= 0 for receipt in account.receipts), account.loan_id
        if not any(receipt.reverses_id or receipt.undone_at for receipt in account.receipts):
            assert standings.paid(LAST_DAY) <= standings.scheduled(LAST_DAY), account.loan_id


def test_every_kind_of_end_and_of_eased_terms_is_there() -> None:
    """Closed, settled, written off, sold; re-scheduled, restructured, moratorium; opening balances with NPA dates."""
    accounts = [account for account in whole_world().accounts if account.temper != "village"]
    assert {account.status_on(LAST_DAY) for account in accounts} == set(LoanStatus)
    assert sum(account.restructured_on is not None for account in accounts) >= 4
    assert sum(account.moratorium is not None for account in accounts) >= 4
    assert sum(len(account.versions) > 1 and not account.restructured_on and not account.moratorium for account in accounts) >= 5
    assert sum(account.opening is not None for account in accounts) >= 100
    assert any(account.opening and account.opening.npa_on for account in accounts)
    assert {account.branch_id for account in accounts if account.opening} == {branch.branch_id for branch in BRANCHES if branch.migrated}
    assert any(account.co_lender and account.totals_only for account in accounts)


def test_every_oddity_of_receipts_is_there() -> None:
    """Reversals, bounces after receipt as entry and as overwritten status, late bookings, advances, unreadable amounts."""
    world = whole_world()
    receipts = [receipt for account in world.accounts for receipt in account.receipts]
    undoing = [receipt for receipt in receipts if receipt.reverses_id]
    assert {receipt.status for receipt in undoing} == {RepaymentStatus.BOUNCED, RepaymentStatus.REVERSED}
    assert sum(receipt.undone_at is not None for receipt in receipts) >= 8
    assert sum(receipt.booked_at.date() > receipt.paid_on for receipt in receipts) >= 500
    assert sum(receipt.garbled is not None for receipt in receipts) >= 8
    known = [Standings(account) for account in world.accounts if account.ended is None]
    assert sum(standings.paid(LAST_DAY) > standings.due(LAST_DAY) for standings in known) >= 20
    assert sum(len(account.bounces) for account in world.accounts) >= 500


def test_several_loans_of_one_person_guarantors_deaths_and_reliefs_are_there() -> None:
    """What makes classification borrower-wise and contact forbidden."""
    world = whole_world()
    owners = [account.borrower_id for account in world.accounts]
    assert len(owners) - len(set(owners)) >= 50
    assert sum(bool(account.guarantors) for account in world.accounts) >= 100
    assert sum(person.deceased is not None for person in world.people) >= 3
    assert {relief.kind for relief in world.reliefs} == {"calamity", "pause"}
    flooded = {person.borrower_id for person in world.people if person.pincode == FLOODED_PINCODE}
    assert len(flooded) >= 20


def test_the_lenders_system_is_wrong_about_a_few_loans_and_right_about_most() -> None:
    """Each quirk of the lender's system is there; nineteen of twenty loans have none."""
    world = whole_world()
    quirks = [account.quirk for account in world.accounts if account.quirk]
    assert set(quirks) == set(QUIRKS)
    assert len(quirks) < len(world.accounts) / 20


def test_promises_are_kept_and_broken_and_contacts_fall_in_lawful_hours() -> None:
    """Nobody is contacted before nine or after six, in the simulated past either."""
    world = whole_world()
    accounts = {account.loan_id: account for account in world.accounts}
    kept = [
        any(p.made_at.date() < r.paid_on <= p.due_on for r in accounts[p.loan_id].receipts) for p in world.promises if p.due_on <= LAST_DAY
    ]
    assert 0.1 < sum(kept) / len(kept) < 0.9
    assert all(9 <= contact.at.hour < 18 for contact in world.contacts)
    assert {"promise", "complaint", "wrong_number", "no_answer"} <= {contact.outcome for contact in world.contacts}


def test_other_sources_mostly_agree_with_the_ledger_and_sometimes_do_not() -> None:
    """Planted: reported twice, another amount, another date, never posted."""
    world = whole_world()
    posted = {(r.loan_id, r.paid_on, r.paise) for account in world.accounts for r in account.receipts}
    astray = [seen for seen in world.collections if (seen.loan_id, seen.paid_on, seen.paise) not in posted]
    assert 20 <= len(astray) <= 32
    assert len([seen for seen in world.collections if seen.reference.endswith("-A")]) == 8


def test_no_phone_number_is_one_that_a_network_serves() -> None:
    """A mistake in the demo can never ring at a real person's."""
    people = whole_world().people
    assert all(number == "" or re.fullmatch(r"5\d{9}", number) for person in people for number in (person.phone, person.phone_2))


def test_a_world_too_small_for_its_oddities_is_refused() -> None:
    """Just enough is built, one fewer is not."""
    assert build_world(SEED, LAST_DAY, loans=100).accounts
    with pytest.raises(ValueError, match="at least 100 loans"):
        build_world(SEED, LAST_DAY, loans=99)
    assert small_world().accounts
