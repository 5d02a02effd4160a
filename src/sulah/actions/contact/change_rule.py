"""A new version of a rule: proposed by one person, approved by another, in force from its own first day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.rulebook import Rulebook, changed, digest_of, row_of, version_of
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.policy.check import check_policy, refusals
from sulah.policy.rows import Policy, Row
from sulah.records.audit import write_audit
from sulah.records.contact.rule_change import RuleChange

register("rule.before_commit")

DECIDERS = frozenset({Role.COMPLIANCE})
"""Who signs, switches, proposes and approves."""


class RuleRefusedError(Refusal):
    """The rule cannot be changed so; the words say why."""


def propose_rule(written: Mapping[str, Any], *, reason: str, book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    """Propose a whole new row for a rule that there is, from its effective_from on; its version is one more than the last.

    RuleRefusedError when it cannot be read, begins before today, or leaves the rules with a hole (`check_policy`).
    """
    hold_rule_people(by, "propose a change of a rule")
    _hold_reason(reason)
    with transaction.atomic():
        now = clock()
        today = now.astimezone(IST).date()
        current = current_row(book, str(written.get("rule_id", "")), today)
        new = numbered(row_of(current.table, written), version_of(current) + 1)
        if new.effective_from < today:
            raise RuleRefusedError(f"A rule never changes the past: give a first day of {day_text(today)} or later.")
        hold_whole(book.whole, new)
        proposal = RuleChange.objects.create(
            kind="propose",
            sheet=current.table,
            rule_id=new.rule_id,
            version=version_of(new),
            digest=digest_of(new),
            payload=new.to_plain(),
            effective_from=new.effective_from,
            reason=reason,
            at=now,
            by=by.name,
        )
        after = {"proposal": proposal.pk, "version": proposal.version, "from": new.effective_from.isoformat(), "reason": reason}
        write_audit(at=now, actor=by.name, act="rule.propose", subject=f"rule:{new.rule_id}", before=current.to_plain(), after=after)
        reach("rule.before_commit")
    return proposal


def approve_rule(proposal_id: int, *, reason: str = "", book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    """Approve a proposal of somebody else; RuleRefusedError when the rule changed since, or the first day has gone by."""
    return _answer(proposal_id, "approve", reason, book, by, clock)


def reject_rule(proposal_id: int, *, reason: str, book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    """Refuse a proposal for good; whoever made it may do that too."""
    _hold_reason(reason)
    return _answer(proposal_id, "reject", reason, book, by, clock)


def _answer(proposal_id: int, kind: str, reason: str, book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    hold_rule_people(by, "decide about a change of a rule")
    with transaction.atomic():
        proposal = RuleChange.objects.select_for_update().filter(pk=proposal_id, kind="propose").first()
        if proposal is None:
            raise RuleRefusedError(f"There is no proposal {proposal_id}.")
        now = clock()
        if kind == "approve":
            _hold_approvable(proposal, book, by, now.astimezone(IST).date())
        try:
            with transaction.atomic():
                answer = RuleChange.objects.create(
                    kind=kind,
                    sheet=proposal.sheet,
                    rule_id=proposal.rule_id,
                    version=proposal.version,
                    digest=proposal.digest,
                    effective_from=proposal.effective_from,
                    reason=reason,
                    proposal=proposal,
                    at=now,
                    by=by.name,
                )
        except IntegrityError as error:
            raise RuleRefusedError(f"Proposal {proposal_id} was decided about already.") from error
        after = {"proposal": proposal.pk, "proposed_by": proposal.by, "reason": reason, "row": proposal.payload}
        write_audit(at=now, actor=by.name, act=f"rule.{kind}", subject=f"rule:{proposal.rule_id}", after=after)
        reach("rule.before_commit")
    return answer


def _hold_approvable(proposal: RuleChange, book: Rulebook, by: Actor, today: date) -> None:
    if proposal.by == by.name:
        raise RuleRefusedError(f"{proposal.by} proposed this change: another person must approve it.")
    new = row_of(proposal.sheet, proposal.payload)
    if new.effective_from < today:
        raise RuleRefusedError(f"Its first day, {day_text(new.effective_from)}, has gone by. Propose it anew with a later one.")
    if version_of(current_row(book, new.rule_id, today)) + 1 != version_of(new):
        raise RuleRefusedError(f"{new.rule_id} was changed since this was proposed. Propose it anew on the rule as it stands.")
    hold_whole(book.whole, new)


def current_row(book: Rulebook, rule_id: str, today: date) -> Row:
    """The row of a rule as it stands, its last version; RuleRefusedError when there is none."""
    rows = [row for table in book.whole.tables.values() for row in table if row.rule_id == rule_id]
    if not rows:
        raise RuleRefusedError(f"There is no rule {rule_id or 'without an id'}. A new rule is added in the lender's policy folder.")
    return max(rows, key=lambda row: (version_of(row), row.effective_from))


def numbered(row: Row, version: int) -> Row:
    """The row with its version, where its sheet has one."""
    return replace(row, values={**row.values, "version": version}) if "version" in row.values else row


def hold_whole(whole: Policy, new: Row) -> None:
    """RuleRefusedError with the first reasons when the rules would have a hole with the new row among them."""
    tables = {sheet: tuple(changed(rows, sheet, new.to_plain())) if sheet == new.table else rows for sheet, rows in whole.tables.items()}
    problems = refusals(check_policy(Policy(tables, whole.sheets)))
    if problems:
        raise RuleRefusedError("With this row the rules do not hold: " + " ".join(f"{finding.words}." for finding in problems[:3]))


def hold_rule_people(by: Actor, doing: str) -> None:
    """Rules are for compliance of the whole lender, and never for a machine: a person answers for each."""
    hold_role(by, DECIDERS, doing)
    hold_whole_lender(by, doing)
    if by.role is None:
        raise RuleRefusedError(f"A person must {doing}; the machine answers for no rule.")


def _hold_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleRefusedError("Give the reason. It stands in the register beside your name.")
