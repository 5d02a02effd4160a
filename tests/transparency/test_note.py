"""Signed notes, keys and checkpoints: what is read back, what is refused, whose signature counts."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import (
    Checkpoint,
    footer_size,
    open_checkpoint,
    parse_checkpoint,
    read_footer,
    sign_checkpoint,
)
from sulah.transparency.merkle import EMPTY_ROOT
from sulah.transparency.note import LOG, WITNESS, Note, Signature, Signed, SigningKey, VerifierKey, parse_note, sign_note
from tests.transparency.made import KEYS, LATE, LOG_KEY, ORIGIN, WITNESS_KEY, key_of, witnessed

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="+"), min_size=1, max_size=20)
CHECKPOINT = Checkpoint(ORIGIN, 8, bytes(range(32)))


@settings(deadline=None, max_examples=40)
@given(NAMES, st.sampled_from([LOG, WITNESS]), st.binary(min_size=32, max_size=32))
def test_a_key_is_read_back_from_its_text_with_its_private_half_and_without(name: str, kind: int, seed: bytes) -> None:
    key = SigningKey(name, kind, seed)
    assert SigningKey.parse(key.text + "\n") == key
    assert VerifierKey.parse(key.verifier.text) == key.verifier
    assert seed.hex() not in repr(key)


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=200), NAMES)
def test_a_note_is_read_back_and_only_its_own_text_holds(text: str, name: str) -> None:
    key = key_of(name)
    note = sign_note(text + "x\n", [key])
    assert parse_note(str(note).encode()) == note
    assert note.signed_by([key.verifier]) == (Signed(key.verifier),)
    with pytest.raises(UnprovenError, match="is false"):
        Note(text + "y\n", note.signatures).signed_by([key.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\u2014 name\n",
        "text\n\n- name AAAAAAAAAA==\n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 na+me AAAAAAAAAAA=\n",
        "text\n\n\u2014 name AAAAAAAAAAA=",
        "te\rxt\n\n\u2014 name AAAAAAAAAAA=\n",
        "text\n\n\u2014 name AAAAAAAAAAA=\n\u2014 name !\n",
        b"\xff\n\n\xe2\x80\x94 name AAAAAAAAAAA=\n",
        "x" * 20_000 + "\n\n\u2014 name AAAAAAAAAAA=\n",
        "text\n\n" + "\u2014 name AAAAAAAAAAA=\n" * 33,
        "\ud800\n\n\u2014 name AAAAAAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(UnprovenError):
        parse_note(note)


def test_sixteen_signatures_are_taken_and_only_known_keys_are_asked() -> None:
    strangers = [key_of(f"stranger{number}") for number in range(15)]
    note = sign_note("text\n", [*strangers, LOG_KEY])
    assert [one.key for one in parse_note(str(note)).signed_by(KEYS)] == [LOG_KEY.verifier]
    with pytest.raises(UnprovenError, match="no signature of a key that is trusted"):
        note.signed_by([key_of("nobody").verifier])
    false = Signature(strangers[0].name, strangers[0].verifier.key_id, bytes(64))
    assert note.with_signatures([false]) == note, "a key keeps its first signature"
    spoilt = Note(note.text, (false, *note.signatures[1:]))
    assert spoilt.signed_by(KEYS), "a stranger's false signature spoils nothing"
    with pytest.raises(UnprovenError, match="is false"):
        spoilt.signed_by([*KEYS, strangers[0].verifier])


def test_a_key_of_the_same_name_is_another_key() -> None:
    other = key_of(ORIGIN, seed="other")
    with pytest.raises(UnprovenError, match="trusted"):
        sign_note("text\n", [other]).signed_by(KEYS)
    forged = Note("text\n", (Signature(ORIGIN, LOG_KEY.verifier.key_id, other.sign("text\n").signature),))
    with pytest.raises(UnprovenError, match="is false"):
        forged.signed_by(KEYS)


def test_a_witness_signs_the_time_too() -> None:
    note = witnessed(sign_checkpoint(CHECKPOINT, [LOG_KEY]))
    assert [one.time for one in note.signed_by(KEYS)] == [None, LATE]
    signed = note.signatures[1]
    moved = Signature(signed.name, signed.key_id, (LATE + 1).to_bytes(8, "big") + signed.signature[8:])
    for spoilt in (moved, Signature(signed.name, signed.key_id, b"\xff" * 8 + signed.signature[8:]), Signature("w", signed.key_id, b"")):
        with pytest.raises(UnprovenError):
            Note(note.text, (spoilt,)).signed_by([WITNESS_KEY.verifier])
    for time in (0, 2**63):
        with pytest.raises(UnprovenError, match="at what time"):
            WITNESS_KEY.sign(note.text, time)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        f"{ORIGIN}+00000000+{LOG_KEY.verifier.text.rpartition('+')[2]}",
        "name+00000000+AAAA",
        "na me+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        KEYS[0].text[:-4] + "AAAA",
        KEYS[0].text + "=",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UnprovenError):
        VerifierKey.parse(text)
    with pytest.raises(UnprovenError):
        SigningKey.parse(text)


@pytest.mark.parametrize("cut", [slice(0, -4), slice(8, None)])
def test_a_private_key_that_lost_a_part_is_refused_without_being_told(cut: slice) -> None:
    with pytest.raises(UnprovenError) as caught:
        SigningKey.parse(LOG_KEY.text[cut])
    assert LOG_KEY.text[-20:] not in str(caught.value)
    with pytest.raises(UnprovenError, match="not that of the key"):
        SigningKey.parse(LOG_KEY.text.replace(LOG_KEY.verifier.key_id.hex(), "00000000"))


@settings(deadline=None, max_examples=40)
@given(NAMES, st.integers(1, 2**62), st.binary(min_size=32, max_size=32), st.lists(NAMES, max_size=2))
def test_a_checkpoint_is_read_back(origin: str, size: int, root: bytes, more: list[str]) -> None:
    made = Checkpoint(origin, size, root, tuple(more))
    assert parse_checkpoint(made.text) == made
    assert made.fits(made.footer)
    assert made.fits(made.footer.lower().replace("-", " "))
    assert footer_size(made.footer) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n8\n",
        f"o\n08\n{'A' * 43}=\n",
        f"o\n-1\n{'A' * 43}=\n",
        f"o\n8\n{'A' * 43}=",
        f"\n8\n{'A' * 43}=\n",
        f"o\n8\n{'A' * 43}=\n\n",
        "o\n8\nAAAA\n",
        f"o\n8\n{'A' * 42}B=\n",
        f"o\n\u0968\n{'A' * 43}=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(UnprovenError):
        parse_checkpoint(text)


def test_a_checkpoint_counts_when_the_log_itself_signed_it() -> None:
    assert open_checkpoint(str(sign_checkpoint(CHECKPOINT, [LOG_KEY])), KEYS)[0] == CHECKPOINT
    stranger, witness = key_of("other.example"), WITNESS_KEY.sign(CHECKPOINT.text, LATE)
    for note in (sign_note(CHECKPOINT.text, [stranger]), Note(CHECKPOINT.text, (witness,))):
        with pytest.raises(UnprovenError, match="itself has not signed"):
            open_checkpoint(str(note), [*KEYS, stranger.verifier])


def test_an_empty_log_has_the_root_of_an_empty_log() -> None:
    assert open_checkpoint(str(sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), [LOG_KEY])), KEYS)[0].size == 0
    with pytest.raises(UnprovenError, match="not that of an empty log"):
        open_checkpoint(str(sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), [LOG_KEY])), KEYS)


def test_a_footer_is_what_fits_at_the_end_of_a_text_message() -> None:
    footer = Checkpoint(ORIGIN, 10_000_000, base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")).footer
    assert footer == "10000000-BLCR-Q2UR-QY7I-4HMQ"
    assert len(footer) == 28
    assert read_footer("8-018O IBAA aaaa-aaaa") == "8-OIBO-IBAA-AAAA-AAAA"
    for text in ("", "8", "8-AAAA", "x-AAAA-AAAA-AAAA-AAAA", "8-AAAA-AAAA-AAAA-AAA9", "08-AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(UnprovenError, match="four times four"):
            read_footer(text)
