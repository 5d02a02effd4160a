"""What comes to the lender's door and what leaves it, in a lived lender: a picture's webhook for each person; and whole exports."""

import json
import os
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sulah.adapters.book.layout import Lender, open_lender
from tests.outreach.whatsapp_place import MESSAGE, SECRETS, batch, call, change, settings


def send_pictures(lender: Lender, pictures: dict[str, str], at: datetime) -> None:
    """From each number a document of that name, caption and digest, through our door and inbox; 200 is what the platform hears."""
    from sulah.actions.process_inbox import process_inbox
    from sulah.actions.take_callback import Door, InboxWriter
    from sulah.actions.talk.answer_heard import answer_heard
    from sulah.adapters.book.vault import Vault
    from sulah.cli.work import listener_of
    from sulah.kernel.dates import fixed_clock
    from sulah.outreach.configured import configured
    from sulah.records.contact.inbox import Inbox

    path = lender.root / "lender.toml"
    path.write_text(path.read_text("utf-8") + settings(1), "utf-8")
    ours, clock = open_lender(lender.root), fixed_clock(at)
    vault, channels = Vault(ours), configured(ours.settings, {**os.environ, **SECRETS})
    door = Door(channels, vault, InboxWriter(), clock)
    for number, name in pictures.items():
        picture = {"caption": f"paid, see {name}", "filename": f"{name}.jpg", "mime_type": "image/jpeg", "sha256": name, "id": f"1{number}"}
        sent = {**MESSAGE, "from": f"91{number}", "id": f"wamid.{number}", "type": "document", "document": picture}
        answer = door.take("whatsapp", "meta", call(batch(change(messages=[sent]))))
        if answer != (200, ""):
            raise SystemExit(f"the door said {answer}")
    while Inbox.objects.filter(processed_at=None).exists():
        process_inbox(None, channels, vault, clock)  # type: ignore[arg-type]  # no message of ours is reported on
    os.environ.update(SECRETS)
    while answer_heard(replace(listener_of(ours), clock=clock)):
        pass


def take_out(lender: Lender, as_of: date, person: str, folder: Path, at: datetime) -> None:
    """All that leaves in files: everything of the lender, and of one person what is held, the document and the incident pack."""
    from sulah.actions.contact.actor import Actor
    from sulah.actions.evidence.incident_pack import incident_pack
    from sulah.actions.evidence.person_document import document, gathered
    from sulah.actions.export_person import export_person
    from sulah.actions.export_whole import export_whole
    from sulah.kernel.dates import fixed_clock
    from sulah.kernel.terms import Role
    from sulah.outreach.configured import configured

    by, clock = Actor("meera", Role.COMPLIANCE), fixed_clock(at)
    folder.mkdir()
    export_whole(lender, as_of, folder / "everything", actor="meera", clock=clock, tell=lambda _: None)
    channels = configured(lender.settings, {**os.environ, **SECRETS})
    export_person(lender, person, folder / "held", language="en", channels=channels, by=by, clock=clock)
    dossier = gathered(lender, person, as_of, as_of + timedelta(days=3), face=None, by=by, clock=clock)
    for form in ("html", "json"):
        (folder / f"document.{form}").write_bytes(document(dossier, form, by=by, clock=clock))
    pack = folder / "incident.zip"
    incident_pack(lender, dossier, pack, by=by, clock=clock)
    with zipfile.ZipFile(pack) as held:
        held.extractall(folder / "incident")
    (folder / "files.json").write_text(json.dumps(sorted(path.name for path in folder.rglob("*"))))
