"""The acts on a rule of contact: signing, switching, proposing, approving and refusing, each through the act that holds it."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.contact.change_rule import approve_rule, propose_rule, reject_rule
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.contact.sign_rule import sign_off_rule, switch_rule
from sulah.kernel.dates import day_text, system_clock
from sulah.web.contact_book import the_book
from sulah.web.forms import done, number_of
from sulah.web.govern.contact_rule import last_row, proposed_row
from sulah.web.reach import Reach, page

Act = Callable[[str, QueryDict, Rulebook, Actor], str]


def _sign_off(rule_id: str, given: QueryDict, book: Rulebook, by: Actor) -> str:
    signed = sign_off_rule(rule_id, given.get("digest", ""), book=book, by=by, clock=system_clock)
    return f"{rule_id} is signed off as it reads, version {signed.version}."


def _switch(rule_id: str, given: QueryDict, book: Rulebook, by: Actor) -> str:
    on = given.get("on") == "yes"
    switch_rule(rule_id, given.get("digest", ""), on=on, reason=given.get("reason", ""), book=book, by=by, clock=system_clock)
    return f"{rule_id} is switched {'on' if on else 'off'}. It holds for every contact decided from now on."


def _propose(rule_id: str, given: QueryDict, book: Rulebook, by: Actor) -> str:
    row = last_row(book, rule_id)
    if row is None:
        raise Http404("No such rule.")
    proposal = propose_rule(
        proposed_row(row, {name: given.get(name, "") for name in given}),
        reason=given.get("reason", ""),
        book=book,
        by=by,
        clock=system_clock,
    )
    begins = day_text(proposal.effective_from) if proposal.effective_from else ""
    return f"Version {proposal.version} of {rule_id} is proposed, in force from {begins}. Another person must approve it."


def _approve(rule_id: str, given: QueryDict, book: Rulebook, by: Actor) -> str:
    approve_rule(number_of(given, "proposal"), reason=given.get("reason", ""), book=book, by=by, clock=system_clock)
    return f"The changed version of {rule_id} is approved."


def _reject(rule_id: str, given: QueryDict, book: Rulebook, by: Actor) -> str:
    reject_rule(number_of(given, "proposal"), reason=given.get("reason", ""), book=book, by=by, clock=system_clock)
    return f"The proposal for {rule_id} is refused."


ACTS: dict[str, Act] = {"sign_off": _sign_off, "switch": _switch, "propose": _propose, "approve": _approve, "reject": _reject}
"""The act of each form, by its name in the address."""


@require_POST
@page("rule_act")
def rule_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Do one act on the rule that the form names; what the act refuses is shown in its own words."""
    book, rule_id = the_book(), request.POST.get("rule_id", "")
    if act not in ACTS or last_row(book, rule_id) is None:
        raise Http404("No such act, or no such rule.")
    return done(request, lambda: ACTS[act](rule_id, request.POST, book, actor_of(reach.person)), "contact_rule", rule_id)
