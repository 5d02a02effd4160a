"""Gupshup's callbacks carry no reference of ours: each meets its message by the gateway's id, in any order, repeated and forged."""

import os
import subprocess
import sys
import urllib.request
from random import Random
from threading import Thread
from urllib.parse import quote
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from sulah.adapters.sandbox.gupshup import Kept, posted, report_of
from sulah.kernel.dates import system_clock
from tests.channels.gupshup_place import gupshup, written
from tests.channels.smsc_place import smsc
from tests.channels.smsc_place import written as smpp_written
from tests.outbox.place import HOOK, ROOT, SECRETS, Place, until

pytestmark = pytest.mark.slow
ENDS = "SELECT reference, state, provider, provider_reference, attempts, words FROM records_outbox ORDER BY reference"


def set_up(place: Place, text: str) -> None:
    """Write [sms]."""
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8").partition("\n[sms]")[0] + text, "utf-8")


def kept(place: Place) -> list[Kept]:
    """What the gateway has of the messages that were sent; every tenth telephone is switched off."""
    rows = place.rows("SELECT reference, provider_reference FROM records_outbox ORDER BY reference")
    at = system_clock()
    return [Kept(theirs, f"9198{int(name[1:]):07d}{0 if name.endswith('7') else 1}", "", "KAVERI", at) for name, theirs in rows]


def test_three_hundred_reports_in_batches_end_alike_however_they_are_mishandled(place: Place) -> None:
    set_up(place, written(1))
    place.run("as_sent", count=300)
    reports = [report_of(each) for each in kept(place)]
    draw = Random(3)
    given = [*reports, *draw.choices(reports, k=200)]
    draw.shuffle(given)
    contrary = [report_of(each, contrary=True) for each in kept(place)]
    batches = [posted(given[at : at + 20]) for at in range(0, len(given), 20)]
    bodies = [[HOOK, body.decode("latin-1")] for body in batches]
    bodies += [["not-the-secret-of-anybody", posted(contrary[at : at + 20]).decode("latin-1")] for at in range(0, 300, 20)]
    bodies += [[HOOK, batch[: len(batch) // 2].decode("latin-1")] for batch in batches[:5]]
    draw.shuffle(bodies)
    assert place.run("callbacks", bodies=bodies, threads=8)["statuses"] == {"200": 30, "401": 15}
    place.run("work")
    assert place.states() == {"delivered": 270, "undelivered": 30}
    assert place.contacts() == {"delivered": 270, "sent": 30}
    assert dict(place.rows("SELECT outcome, count(*) FROM records_inbox GROUP BY outcome"))["unreadable"] == 5
    before = place.rows(ENDS)
    place.run("callbacks", bodies=[[HOOK, posted(given[:20]).decode("latin-1")]])
    place.run("work")
    assert place.rows(ENDS) == before


class _Quiet(WSGIRequestHandler):
    """Says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.mark.django_db(transaction=True)
def test_by_get_a_report_comes_home_and_what_a_person_texts_is_heard_and_nothing_is_texted_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real door, over a socket: what it answers to a keyword would be texted to her."""
    from django.core.wsgi import get_wsgi_application
    from django.test import override_settings

    from sulah.records.contact.inbox import Inbox
    from sulah.web import hooks

    hooks._door.cache_clear()
    set_up(place, written(1))
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/hooks/sms/one"
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    try:
        with override_settings(LENDER=place.root, ALLOWED_HOSTS=["*"]), gupshup(hook=address) as gateway:
            gateway.send()
            url = f"http://127.0.0.1:{gateway.port}/_sandbox/say?from={quote('+919812345671')}&text={quote('STOP मत भेजो')}"
            urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10).read()
            assert until(lambda: Inbox.objects.count() == 2)
            assert gateway.sandbox.texted_back == []
            assert gateway.sandbox.refused_reports == 0
    finally:
        server.shutdown()
        server.server_close()
        hooks._door.cache_clear()


@pytest.mark.parametrize("kind", ["gupshup", "smpp"])
def test_the_sandbox_command_plays_the_kind_of_the_provider(place: Place, kind: str) -> None:
    text = written(1) if kind == "gupshup" else smpp_written(1)
    set_up(place, text)
    clean = {word: value for word, value in os.environ.items() if not word.startswith(("SULAH_", "DJANGO_"))}
    words = [sys.executable, "-m", "sulah.cli.main", "sandbox", "sms", "--port", "0", "--json", "--lender", str(place.root)]
    environment = {**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(words, env=environment, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().split('"port": ')[1].split(",")[0])
        set_up(place, text.replace('127.0.0.1:1"', f'127.0.0.1:{port}"'))
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]])
        assert place.run("work")["outcomes"] == {"sent": 1}
    finally:
        process.kill()
        process.communicate()


def test_a_second_provider_of_another_kind_takes_over_where_the_first_is_down(place: Place) -> None:
    """SMPP first, and Gupshup where it cannot be reached; back when it can."""
    with gupshup() as second, smsc() as first:
        body = written(second.port).replace("[[sms.provider]]", smpp_written(first.port).split("\n\n")[1] + "\n\n[[sms.provider]]", 1)
        set_up(place, body)
        place.run("prepare", messages=[["a", "p1", "LN/1", "recovery"]])
        assert place.run("work")["outcomes"] == {"sent": 1}
        first.trouble("refuse")
        place.run("prepare", messages=[["b", "p2", "LN/2", "recovery"]])
        assert place.run("work")["outcomes"] == {"queued": 1, "sent": 1}
        assert (len(first.texts()), len(second.sandbox.gateway.kept)) == (1, 1)
    assert sorted(place.rows("SELECT provider FROM records_outbox")) == [("one",), ("smsc",)]
