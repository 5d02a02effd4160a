"""How a registered text stands with the platform that carries it: may it be sent, and how do people take it?"""

from django.db import models

from sulah.records.seal import Sealed


class PlatformText(Sealed):
    """One registered text at one provider, as the platform last said of it; a text of which it said nothing has no row.

    name and language: as registered, with the platform's own code.  stopped: the platform does not send it.  quality: its last word on
    how people take it, '' none.  status_at, quality_at: when it said so.  words: what it said when it stopped it.
    """

    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=40)
    name = models.CharField(max_length=512)
    language = models.CharField(max_length=20)
    stopped = models.BooleanField(default=False)
    status_at = models.DateTimeField(null=True, blank=True)
    quality = models.CharField(max_length=40, blank=True)
    quality_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()
    NAMED = "standing of a registered text"

    class Meta:
        """One row a text."""

        ordering = ("channel", "name", "language", "provider")
        constraints = (models.UniqueConstraint(fields=("channel", "provider", "name", "language"), name="platform_text_once"),)
