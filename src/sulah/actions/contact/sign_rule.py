"""Sign a rule off as it stands, and switch a draft rule on or off early: acts of compliance on one row, which they must have seen."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.change_rule import RuleRefusedError, current_row, hold_rule_people, hold_whole
from sulah.actions.contact.rulebook import Rulebook, digest_of, version_of
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach
from sulah.policy.rows import Row
from sulah.records.audit import write_audit
from sulah.records.contact.rule_change import RuleChange


def sign_off_rule(rule_id: str, digest: str, *, book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    """Sign off the row of that digest; RuleRefusedError when the rule reads otherwise by now."""
    return _write("sign_off", rule_id, digest, {}, "", book, by, clock)


def switch_rule(rule_id: str, digest: str, *, on: bool, reason: str, book: Rulebook, by: Actor, clock: Clock) -> RuleChange:
    """Switch a draft rule on or off from now on; only drafts have a switch, and what must be asked stays asked (`check_policy`)."""
    if not reason.strip():
        raise RuleRefusedError("Give the reason. It stands in the register beside your name.")
    return _write("switch", rule_id, digest, {"switched_on": on}, reason, book, by, clock)


def sign_offs(book: Rulebook) -> Mapping[str, tuple[str, datetime]]:
    """Who signed each rule off as it reads now, and when; a rule that was changed since is signed by nobody."""
    digests = {row.rule_id: digest_of(row) for table in book.whole.tables.values() for row in table}
    signed = RuleChange.objects.filter(kind="sign_off").order_by("id")
    return {act.rule_id: (act.by, act.at) for act in signed if digests.get(act.rule_id) == act.digest}


def _write(
    kind: str, rule_id: str, digest: str, payload: dict[str, object], reason: str, book: Rulebook, by: Actor, clock: Clock
) -> RuleChange:
    hold_rule_people(by, "sign or switch a rule")
    with transaction.atomic():
        now = clock()
        row = current_row(book, rule_id, now.astimezone(IST).date())
        if digest_of(row) != digest:
            raise RuleRefusedError(f"{rule_id} reads otherwise by now. Look at it again, then decide.")
        if kind == "switch":
            _hold_switchable(row, payload, book)
        change = RuleChange.objects.create(
            kind=kind,
            sheet=row.table,
            rule_id=rule_id,
            version=version_of(row),
            digest=digest,
            payload=payload,
            reason=reason,
            at=now,
            by=by.name,
        )
        after = {"version": version_of(row), "digest": digest, "reason": reason, **payload}
        before = {"switched_on": row.values["switched_on"]} if kind == "switch" else {}
        write_audit(at=now, actor=by.name, act=f"rule.{kind}", subject=f"rule:{rule_id}", before=before, after=after)
        reach("rule.before_commit")
    return change


def _hold_switchable(row: Row, payload: Mapping[str, object], book: Rulebook) -> None:
    if row.status != "draft" or "switched_on" not in row.values:
        raise RuleRefusedError(f"{row.rule_id} is {row.status}: only a draft has a switch. Propose a change of the rule instead.")
    if row.values["switched_on"] is payload["switched_on"]:
        raise RuleRefusedError(f"{row.rule_id} is {'on' if payload['switched_on'] else 'off'} already.")
    hold_whole(book.whole, replace(row, values={**row.values, "switched_on": bool(payload["switched_on"]), "version": version_of(row) + 1}))
