"""What the platform says of our account, our numbers and our templates.

Source: Meta for Developers, WhatsApp Business Platform, webhook references phone_number_quality_update (21 May 2026),
business_capability_update (21 May 2026), message_template_status_update (13 April 2026), message_template_quality_update,
template_category_update, account_update (20 April 2026), account_alerts; "Messaging limits": the limit is of the whole portfolio.
"""

from collections.abc import Mapping

from sulah.outreach.platform import NO_LIMIT, NewsKind, PlatformNews
from sulah.outreach.whatsapp.answer import shown
from sulah.outreach.whatsapp.reading import event_id, part, rows, text

_TIERS = {"TIER_50": 50, "TIER_250": 250, "TIER_1K": 1_000, "TIER_2K": 2_000, "TIER_10K": 10_000, "TIER_100K": 100_000}
_TIERS |= {"TIER_UNLIMITED": NO_LIMIT, "-1": NO_LIMIT}
_READY = ("APPROVED", "REINSTATED", "UNARCHIVED", "UNLOCKED")
_STILL_SENT = ("FLAGGED",)
_OF_ACCOUNT = ("account_update", "account_alerts", "account_review_update")


def news_of(field: str, value: Mapping[str, object], at: str) -> PlatformNews:
    """The news of one change; unhandled, with the field's name, for a field that we do not know.  at: when, as the entry says."""
    kind, words, limit = _read(field, value)
    name, language = text(value, "message_template_name", 512), text(value, "message_template_language", 20)
    quality = text(value, "new_quality_score", 40).upper() if field == "message_template_quality_update" else ""
    return PlatformNews(kind, shown(words), limit, name, language, at, event_id("news", field, value, at), quality)


def _read(field: str, value: Mapping[str, object]) -> tuple[NewsKind, str, int | None]:
    event = text(value, "event", 60)
    if field == "phone_number_quality_update":
        limit = _limit_of_number(value, event)
        return (NewsKind.QUALITY if limit is None else NewsKind.TIER), f"{field} {event}", limit
    if field == "business_capability_update":
        limit = tier(text(value, "max_daily_conversations_per_business") or text(value, "max_daily_conversation_per_phone"))
        return (NewsKind.UNHANDLED if limit is None else NewsKind.TIER), field, limit
    if field == "message_template_status_update":
        return _of_template(event), f"{event} {text(value, 'reason', 80)} {text(part(value, 'other_info'), 'title', 80)}", None
    if field == "template_category_update":
        new = text(value, "new_category", 40)
        kind = NewsKind.TEMPLATE_STOPPED if new and new.upper() != "UTILITY" else NewsKind.TEMPLATE
        return kind, f"category {text(value, 'previous_category', 40)} -> {new or text(value, 'correct_category', 40)}", None
    if field == "message_template_quality_update":
        return NewsKind.QUALITY, f"{text(value, 'previous_quality_score', 40)} -> {text(value, 'new_quality_score', 40)}", None
    if field in _OF_ACCOUNT:
        return NewsKind.ACCOUNT, _of_account(field, event, value), None
    return NewsKind.UNHANDLED, f"the field {field[:60] or '(none)'}", None


def _limit_of_number(value: Mapping[str, object], event: str) -> int | None:
    """Persons in 24 hours; of an event about throughput, current_limit says nothing about persons."""
    limit = tier(text(value, "max_daily_conversations_per_business"))
    return limit if limit is not None or event.startswith("THROUGHPUT") else tier(text(value, "current_limit"))


def tier(said: str) -> int | None:
    """Persons that may be messaged in 24 hours; None for TIER_NOT_SET and what we do not know.

    >>> tier("TIER_2K"), tier("10000"), tier("TIER_NOT_SET"), tier("-1") == NO_LIMIT
    (2000, 10000, None, True)
    """
    if said in _TIERS:
        return _TIERS[said]
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _of_template(event: str) -> NewsKind:
    """Only an approved template is sent ("Template quality rating"): whatever else happened to it stops it, a warning excepted."""
    if event in _STILL_SENT:
        return NewsKind.TEMPLATE
    return NewsKind.TEMPLATE_READY if event in _READY else NewsKind.TEMPLATE_STOPPED


def _of_account(field: str, event: str, value: Mapping[str, object]) -> str:
    alert = part(value, "alert_info")
    told = (
        field,
        event,
        text(part(value, "violation_info"), "violation_type", 60),
        text(part(value, "ban_info"), "waba_ban_state", 60),
        *(text(row, "restriction_type", 60) for row in rows(value, "restriction_info")),
        text(alert, "alert_severity", 40),
        text(alert, "alert_type", 60),
        text(value, "decision", 40),
    )
    return " ".join(word for word in told if word)
