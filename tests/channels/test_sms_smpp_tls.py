"""SMPP inside TLS: the certificate is checked, and many threads share one connection."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sulah.adapters.channels.sms import SmsChannel
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.smsc import Smsc
from sulah.adapters.sandbox.smsc_server import SmscSandbox
from sulah.kernel.dates import system_clock
from sulah.outreach.channel import Fault, NeverTaken, Taken
from tests.channels.smsc_place import message, settings


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody has signed but itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), system_clock()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return path


@contextmanager
def secured(certificate: Path) -> Iterator[tuple[SmscSandbox, SmsChannel]]:
    """An SMSC that speaks TLS, and a channel to it."""
    known = settings(1)
    sandbox = SmscSandbox(Smsc(known, known.provider("smsc"), system_clock), Faults())
    server = sandbox.serve(0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    gateway = known.provider("smsc")
    assert gateway.smpp is not None
    line = replace(gateway.smpp, host="localhost", port=int(server.server_address[1]), tls=True)
    channel = SmsChannel(replace(known, providers=(replace(gateway, smpp=line),)))
    try:
        yield sandbox, channel
    finally:
        sandbox.over.set()
        channel.close()
        server.shutdown()
        server.server_close()


def test_messages_of_many_threads_go_through_one_secured_connection(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secured(certificate) as (sandbox, channel), ThreadPoolExecutor(8) as crew:
        answers = list(crew.map(lambda number: channel.send("smsc", message(f"m-{number}"), 1e12), range(60)))
        assert {type(answer) for answer in answers} == {Taken}
        assert (sandbox.binds, len(sandbox.smsc.whole())) == (1, 60)


def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(certificate: Path) -> None:
    with secured(certificate) as (sandbox, channel):
        answer = channel.send("smsc", message(), 1e12)
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, sandbox.binds) == (Fault.UNREACHABLE, 0)
        assert "CERTIFICATE_VERIFY_FAILED" in answer.words
