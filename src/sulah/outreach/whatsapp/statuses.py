"""What became of our messages: the statuses of the `messages` webhook.

Source: Meta for Developers, WhatsApp Business Platform, "Status messages webhook reference": sent, delivered, read, played, failed; our
biz_opaque_callback_data in each; pricing with sent and with one of delivered or read; delivered may be left out where the message was
read at once; no order is promised.
"""

from collections.abc import Mapping

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Cost, Report
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.outreach.whatsapp.answer import shown
from sulah.outreach.whatsapp.reading import event_id, instant, part, rows, text

LONGEST_REFERENCE, LONGEST_THEIRS = 80, 160
"""Characters that our own reference has at most, and that we keep of theirs."""

_ATTESTED = {"sent": SendState.SENT, "failed": SendState.UNDELIVERED}
_ATTESTED |= dict.fromkeys(("delivered", "read", "played"), SendState.DELIVERED)
_SEEN = ("read", "played")


def report_of(status: Mapping[str, object]) -> Report | PlatformNews:
    """The report of one status; news that is unhandled where it is none that is documented.

    read and played stand in its words: the person saw it.  A failure keeps code and words of the platform.
    """
    said, theirs, at = text(status, "status", 40), text(status, "id"), instant(status, "timestamp")
    if said not in _ATTESTED or not 1 <= len(theirs) <= LONGEST_THEIRS or not at:
        words = f"a status {said or '(none)'} that is not documented, or without an id or a time"
        return PlatformNews(NewsKind.UNHANDLED, words, at=at, event_id=event_id("status", theirs, said, at))
    given = text(status, "biz_opaque_callback_data")
    ours = given if len(given) <= LONGEST_REFERENCE else ""
    error = said if said in _SEEN else _failure(status) if said == "failed" else ""
    return Report(event_id("status", theirs, said, at, error), ours, theirs, _ATTESTED[said], at, error, _cost(part(status, "pricing")))


def _failure(status: Mapping[str, object]) -> str:
    """Code and words of the first error, numbers of persons left out."""
    error = next(iter(rows(status, "errors")), {})
    details = text(part(error, "error_data"), "details") or text(error, "message") or text(error, "title") or "no reason given"
    return f"{text(error, 'code', 12) or 'failed'} {shown(details)}"


def _cost(pricing: Mapping[str, object]) -> Cost | None:
    """What it is charged as; None where the status does not say."""
    category, billable = text(pricing, "category", 40), pricing.get("billable")
    if not category or type(billable) is not bool:
        return None
    return Cost(category, billable, text(pricing, "type", 40) or text(pricing, "pricing_model", 40))
