"""The acts on texts and languages, from draft to retirement and sign-off, each through the act that holds it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.contact.approve_text import Registration, approve_text, draft_text, give_back_text, retire_text, submit_text
from sulah.actions.contact.lint_text import linter_of
from sulah.actions.contact.own_text import submit_own_text
from sulah.actions.contact.review_language import sign_off_language, withdraw_language
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel
from sulah.policy.languages import load_languages
from sulah.records.contact.text import OWN, TextVersion
from sulah.web import talk_ways
from sulah.web.forms import UnreadableError, choice, day_of, number_of
from sulah.web.govern.text_shown import kind_of, row_for, row_with, the_bench
from sulah.web.reach import Reach, page

Act = Callable[[QueryDict, Actor], str]


def _draft(given: QueryDict, by: Actor) -> str:
    bench = the_bench()
    if bench.words:
        raise UnreadableError(bench.words)
    row = row_for(given.get("name", ""), given.get("language", ""), given.get("channel", "")) if _known(given) else None
    if row is None:
        raise Http404("There is no such text.")
    changed = row_with(row, {name: given[name] for name in ("text", "subject", "footer", "closing") if name in given}, by.name)
    same = all(getattr(changed, name) == getattr(row, name) for name in ("text", "subject", "footer", "closing"))
    drafted = draft_text(row if same else changed, given.getlist("with"), house=bench.settings.house, by=by, clock=system_clock)
    return f"Version {drafted.version} of {row.name} is drafted. Submit it with its registration when that is there."


def _known(given: QueryDict) -> bool:
    return kind_of(given.get("name", "")) is not None and given.get("language", "") in load_languages()


def _submit(given: QueryDict, by: Actor) -> str:
    bench = the_bench()
    if bench.words:
        raise UnreadableError(bench.words)
    lint = linter_of(bench.settings.house, system_clock().astimezone(IST).date())
    numbers = [given.get(name, "").strip() for name in ("dlt_template_id", "sms_header", "registered_name")]
    registration = Registration(numbers[0], numbers[1], ids_of(given), numbers[2])
    submitted = submit_text(number_of(given, "text_id"), registration, lint=lint, by=by, clock=system_clock)
    return f"Version {submitted.version} of {submitted.name} is submitted. Another person must approve it."


def _submit_own(given: QueryDict, by: Actor) -> str:
    bench = the_bench()
    channel = choice(given, "channel", Channel, "Channel")
    lint = linter_of(bench.settings.house, system_clock().astimezone(IST).date())
    one = submit_own_text(talk_ways.channels_as_set_up(), channel, given.get("own", ""), lint=lint, by=by, clock=system_clock)
    return f"{one.name.removeprefix(OWN)} is submitted as it stands in lender.toml. Another person must approve it."


def ids_of(given: QueryDict) -> dict[str, str]:
    """The providers' numbers of a form: name=number, with spaces between; UnreadableError for anything else."""
    pairs = [pair.partition("=") for pair in given.get("provider_ids", "").split()]
    if not all(name and number for name, _, number in pairs):
        raise UnreadableError("Write the numbers of the providers as name=number, with a space between. Nothing was written down.")
    return {name: number for name, _, number in pairs}


def _approve(given: QueryDict, by: Actor) -> str:
    approved = approve_text(number_of(given, "text_id"), given.get("sha256", ""), by=by, clock=system_clock)
    return f"Version {approved.version} of {approved.name} is approved."


def _give_back(given: QueryDict, by: Actor) -> str:
    back = give_back_text(number_of(given, "text_id"), reason=given.get("reason", ""), by=by, clock=system_clock)
    return f"Version {back.version} of {back.name} is given back to those who drafted it."


def _retire(given: QueryDict, by: Actor) -> str:
    retired = retire_text(number_of(given, "text_id"), reason=given.get("reason", ""), by=by, clock=system_clock)
    return f"Version {retired.version} of {retired.name} is retired."


def _sign_off(given: QueryDict, by: Actor) -> str:
    code = given.get("language", "")
    review = sign_off_language(
        code,
        given.get("digest", ""),
        reader=given.get("reader", ""),
        read_on=day_of(given.get("read_on", "")),
        note=given.get("note", ""),
        by=by,
        clock=system_clock,
    )
    return f"{load_languages()[code].name} is signed off by {review.reader}."


def _withdraw(given: QueryDict, by: Actor) -> str:
    code = given.get("language", "")
    withdraw_language(code, note=given.get("note", ""), by=by, clock=system_clock)
    return f"The sign-off of {load_languages()[code].name} is taken back: only plain reminders go in it."


ACTS: dict[str, Act] = {
    "draft": _draft,
    "submit": _submit,
    "submit_own": _submit_own,
    "approve": _approve,
    "give_back": _give_back,
    "retire": _retire,
    "sign_off": _sign_off,
    "withdraw": _withdraw,
}
"""The act of each form, by its name in the address."""


@require_POST
@page("text_act")
def text_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Do one act and go back to the page that it was done on; what the act refuses is shown in its own words."""
    if act not in ACTS:
        raise Http404("There is no such act.")
    try:
        messages.success(request, ACTS[act](request.POST, actor_of(reach.person)))
    except Refusal as error:
        messages.error(request, str(error))
    return redirect(_back(request.POST))


def _back(given: QueryDict) -> str:
    """The page of the text that the act was about, in its language and channel; the list for an act on a language."""
    number = number_of(given, "text_id")
    version = TextVersion.objects.filter(pk=number).first() if number else None
    if (version is not None and version.name.startswith(OWN)) or given.get("own"):
        return f"{reverse('texts')}#own"
    if version is not None:
        asked = {"language": version.language, "channel": version.channel}
        return f"{reverse('text', args=(version.name,))}?{urlencode(asked)}#versions"
    if _known(given):
        asked = {"language": given.get("language", ""), "channel": given.get("channel", "")}
        return f"{reverse('text', args=(given.get('name', ''),))}?{urlencode(asked)}#versions"
    return reverse("texts")
