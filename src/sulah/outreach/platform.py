"""What a platform says of our account with it, beside reports and what people say: limits, quality, templates that may not be sent."""

from dataclasses import dataclass
from enum import StrEnum


class NewsKind(StrEnum):
    """What a platform says of our account.

    tier: how many persons we may message outside sessions in 24 hours.  quality: how people take our messages.  template_stopped and
    template_ready: a registered text may not, or may again, be sent.  template: something else about one.  account: a restriction or
    another change that a person must look at.  error: an error of the platform about nothing in particular.  unhandled: what we do not
    know, or what is not about us.
    """

    TIER = "tier"
    QUALITY = "quality"
    TEMPLATE_STOPPED = "template_stopped"
    TEMPLATE_READY = "template_ready"
    TEMPLATE = "template"
    ACCOUNT = "account"
    ERROR = "error"
    UNHANDLED = "unhandled"


NO_LIMIT = 1_000_000_000
"""The limit of a tier that has none: more persons than anybody lends to."""


@dataclass(frozen=True, slots=True)
class PlatformNews:
    """One thing that a platform says of our account, in words without numbers of persons.

    limit: of a tier.  template: as registered, with the platform's code of its language.  quality: of a template, the platform's new word.
    at: ISO text with a zone, '' unknown.  event_id: the same for the same news delivered again.
    """

    kind: NewsKind
    words: str
    limit: int | None = None
    template: str = ""
    language: str = ""
    at: str = ""
    event_id: str = ""
    quality: str = ""
