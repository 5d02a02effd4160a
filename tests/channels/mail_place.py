"""A lender with e-mail set up, a mail server beside it in a thread, and the folder into which it lays what comes back."""

import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sulah.adapters.channels.email import EmailChannel
from sulah.adapters.sandbox.email import MailServer
from sulah.adapters.sandbox.mailboxes import Mailboxes
from sulah.outreach.channel import Answer, Heard, Message, Report
from sulah.outreach.email.hook import MailHook, mail_call
from sulah.outreach.email.settings import EmailSettings, settings_of

SECRETS = {"SULAH_TEST_SIGN": "a-simulated-secret-of-marks", "SULAH_TEST_MAIL": "a-simulated-password"}
ASHA = "asha@mail.example"
EMAIL = """
[email]
from_name = "Kaveri Finance"
from_address = "care@kaveri.example"
reply_to = "answers@kaveri.example"
bounce_domain = "bounce.kaveri.example"
hook_address = "https://collect.kaveri.example/hooks/email"
maildir = "mail"
sign_secret_from = "SULAH_TEST_SIGN"
authserv_id = "mx.kaveri.example"

[[email.provider]]
name = "relay"
host = "{host}"
port = {port}
security = "{security}"
connect_seconds = 1
answer_seconds = 1

[[email.template]]
name = "due"
language = "en"
purposes = ["recovery"]
legal_words = false
subject = "Rs {{#var#}} is due to Kaveri"
text = \"\"\"
Rs {{#var#}} is due on loan {{#var#}}.

Pay at https://pay.kaveri.example/due or ask us.
\"\"\"
variables = ["amount:amount", "again:amount", "loan:reference"]
hosts = ["pay.kaveri.example"]
"""


def email_toml(port: int = 2525, *, security: str = "none", host: str = "127.0.0.1", user: str = "") -> dict[str, Any]:
    """The settings, as lender.toml holds them."""
    given = tomllib.loads(EMAIL.format(port=port, security=security, host=host))
    if user:
        given["email"]["provider"][0] |= {"user": user, "password_from": "SULAH_TEST_MAIL"}
    return given


@dataclass(slots=True)
class Place:
    """Everything of one test."""

    settings: EmailSettings
    server: MailServer
    folder: Path

    def send(self, to: str = ASHA, reference: str = "20261123-recovery-" + "0123456789abcdef" * 2) -> Answer:
        """Hand one message over."""
        message = Message(reference, to, "due", ("1,234.50", "1,234.50", "LN/1"))
        return EmailChannel(self.settings).send("relay", message, time.monotonic() + 5)

    def came_back(self) -> list[Report | Heard]:
        """What the mails in the folder say."""
        mails = [path.read_bytes() for path in sorted((self.folder / "new").glob("*"))]
        return [one for mail in mails for one in MailHook(self.settings).read(mail_call(mail))]


@contextmanager
def mail_place(folder: Path, *, security: str = "none", user: str = "", certificate: tuple[str, str] | None = None) -> Iterator[Place]:
    """The mail server in a thread, until the block ends."""
    boxes = Mailboxes(folder / "mail")
    password = SECRETS["SULAH_TEST_MAIL"] if user else ""
    mail = MailServer(user, password, certificate, implicit_tls=security == "tls", boxes=boxes)
    server = mail.serve(0)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    host = "127.0.0.1" if security == "none" else "localhost"
    settings = settings_of(email_toml(server.server_address[1], security=security, host=host, user=user), SECRETS)
    try:
        yield Place(settings, mail, folder / "mail")
    finally:
        mail.over.set()
        server.shutdown()
        server.server_close()


def certificate_for(folder: Path, name: str) -> tuple[str, str]:
    """A certificate of our own making, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return str(paths[0]), str(paths[1])
