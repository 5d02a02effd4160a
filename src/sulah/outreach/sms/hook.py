"""What MSG91's gateway sends to our door: delivery reports, opened by a secret in the address because it signs nothing."""

import hmac
from dataclasses import dataclass

from sulah.outreach.channel import Heard, Report
from sulah.outreach.http import Call
from sulah.outreach.sms.settings import Provider
from sulah.outreach.sms.wire import read_report


@dataclass(frozen=True, slots=True)
class ReportHook:
    """The hook of one gateway."""

    provider: Provider
    methods: frozenset[str] = frozenset({"POST"})

    def greet(self, call: Call) -> str | None:
        """This gateway asks for no handshake."""
        return None

    def genuine(self, call: Call) -> bool:
        """Is `key` of the address one of our secrets?"""
        return secret_fits(call.query.get("key", ""), self.provider.hook_secrets)

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """One delivery report a call."""
        return (read_report(call.body),)


def secret_fits(given: str, secrets: tuple[str, ...]) -> bool:
    """Is it one of these secrets?  Compared in constant time, all of them.

    >>> secret_fits("a-secret-of-ours", ("a-new-secret-of-ours", "a-secret-of-ours")), secret_fits("", ("a-secret-of-ours",))
    (True, False)
    """
    fits = [hmac.compare_digest(given.encode(), secret.encode()) for secret in secrets]
    return any(fits)
