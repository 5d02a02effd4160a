"""A mail of ours to somebody who is no borrower (an auditor), through the first server of lender.toml that takes it.

Messages to borrowers go through the outbox and the guard alone; whoever calls this names an address of lender.toml.
"""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sulah.kernel.refusal import Refusal
from sulah.outreach.email.settings import EmailSettings, Provider, Security

_FAULTS = (OSError, smtplib.SMTPException, ValueError)


class NotMailedError(Refusal):
    """No server took the mail, or one gave no answer; the words say which."""


def hand_over(settings: EmailSettings, to: str, subject: str, text: str, at: datetime, attached: Sequence[tuple[str, bytes]] = ()) -> str:
    """Send a plain mail with files below it; the server's name that took it, NotMailedError where none did.

    A server that breaks off after the whole mail may have it: the mail is then given to no other.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"{settings.from_name} <{settings.from_address}>", to, subject
    mail["Date"], mail["Auto-Submitted"] = format_datetime(at), "auto-generated"
    mail.set_content(text)
    for name, content in attached:
        mail.add_attachment(content, maintype="text", subtype="plain", filename=name)
    said = []
    for provider in settings.providers:
        try:
            _given(provider, settings, to, mail.as_bytes())
        except smtplib.SMTPServerDisconnected as error:
            raise NotMailedError(f"{provider.name} broke off ({error}); it may have the mail of {to}. See whether it came.") from error
        except _FAULTS as error:
            said.append(f"{provider.name}: {type(error).__name__}: {str(error)[:120]}")
        else:
            return provider.name
    raise NotMailedError(f"No mail server took the mail to {to}: {'; '.join(said)}.")


def _given(provider: Provider, settings: EmailSettings, to: str, content: bytes) -> None:
    tls = ssl.create_default_context()
    seconds = provider.connect_seconds + provider.answer_seconds
    opened: smtplib.SMTP
    if provider.security is Security.TLS:
        opened = smtplib.SMTP_SSL(provider.host, provider.port, settings.domain, timeout=seconds, context=tls)
    else:
        opened = smtplib.SMTP(provider.host, provider.port, settings.domain, timeout=seconds)
    with opened as session:
        session.ehlo()
        if provider.security is Security.STARTTLS:
            session.starttls(context=tls)
            session.ehlo()
        if provider.user:
            session.login(provider.user, provider.password)
        session.sendmail(settings.from_address, [to], content)
