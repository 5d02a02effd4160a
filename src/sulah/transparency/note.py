"""Signed notes and verifier keys as https://c2sp.org/signed-note defines them, with the timestamped signatures of witnesses.

Two kinds of key, both Ed25519: 0x01 signs the text itself (a log), 0x04 signs `cosignature/v1`, a time and the text (a witness,
https://c2sp.org/tlog-cosignature).  ML-DSA-44, which the page on cosignatures recommends for new deployments, is not offered: neither the
one dependency of the verifier nor a browser can check it.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sulah.kernel.unproven import UnprovenError

LOG, WITNESS = 0x01, 0x04
"""Kinds of key: the signature type identifiers of a log's Ed25519 signature and of a witness's timestamped one."""

NOTE_BYTES = 16_384
SIGNATURES = 32
_KEY_BYTES, _SIGNATURE_BYTES, _TIME_BYTES = 32, 64, 8
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LATEST = 2**63 - 1


def read_base64(text: str, what: str) -> bytes:
    """The bytes of standard base64 with padding, written in the one canonical way; UnprovenError otherwise."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found or base64.b64encode(found).decode() != text:
        raise UnprovenError(f"{what} is not base64")
    return found


def _name(text: str) -> str:
    if not text or "+" in text or any(character.isspace() for character in text) or _CONTROL.search(text):
        raise UnprovenError(f"the name of a key is not empty and has neither spaces nor a plus: {text!r}")
    return text


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name and its kind: what an outsider must have got from somebody he trusts."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        """UnprovenError for an unknown kind, a name that a note cannot carry, a key of another length."""
        _name(self.name)
        if self.kind not in (LOG, WITNESS) or len(self.public) != _KEY_BYTES:
            raise UnprovenError(f"{self.name} is neither an Ed25519 key of a log (type 1) nor one of a witness (type 4)")

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as a vkey: name, id in hexadecimal, kind and key in base64, with pluses between."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of a vkey; UnprovenError unless name, id and key fit together.

        >>> VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").key_id.hex()
        '530d903a'
        """
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = read_base64(encoded, "the key")
        key = cls(name, material[0], material[1:])
        if key.key_id.hex() != key_id:
            raise UnprovenError(f"the id in the key of {name} is not that of the key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note: the name of the key, its id, and what the key made of the text."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its end."""
        return f"\u2014 {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @property
    def time(self) -> int:
        """The time that a witness says, seconds since the epoch; meaningless for a log's signature."""
        return int.from_bytes(self.signature[:_TIME_BYTES], "big")

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """The signature of a line without its end; UnprovenError for anything else."""
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "\u2014":
            raise UnprovenError("a line below a note begins with a long dash and a space")
        signed = read_base64(encoded, f"the signature of {name}")
        if len(signed) < 5:
            raise UnprovenError(f"the signature of {name} is too short")
        return cls(_name(name), signed[:4], signed[4:])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key; its text form is the one of Go's note package, `PRIVATE+KEY+name+id+base64(kind, seed)`."""

    name: str
    kind: int
    seed: bytes

    def __repr__(self) -> str:
        """Never the seed."""
        return f"SigningKey({self.name!r}, {self.kind})"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.kind, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    @property
    def text(self) -> str:
        """The private key as a line of text, to be kept secret."""
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.seed).decode()}"

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """The key of such a line; UnprovenError (without the line) unless its parts fit together."""
        words = text.strip().split("+", 4)
        if len(words) != 5 or words[:2] != ["PRIVATE", "KEY"]:
            raise UnprovenError("a private key of the log begins with PRIVATE+KEY+")
        material = read_base64(words[4], "the private key")
        if len(material) != 1 + _KEY_BYTES:
            raise UnprovenError("the private key has not 32 bytes")
        key = cls(words[2], material[0], material[1:])
        if key.verifier.key_id.hex() != words[3]:
            raise UnprovenError(f"the id in the private key of {key.name} is not that of the key")
        return key

    def sign(self, text: str, time: int = 0) -> Signature:
        """The signature of a note's text; time: seconds since the epoch, said by a witness alone."""
        if self.kind == WITNESS and not 0 < time <= _LATEST:
            raise UnprovenError("a witness says at what time it signs")
        stamp = time.to_bytes(_TIME_BYTES, "big") if self.kind == WITNESS else b""
        signed = Ed25519PrivateKey.from_private_bytes(self.seed).sign(_message(self.kind, text, time))
        return Signature(self.name, self.verifier.key_id, stamp + signed)


def _message(kind: int, text: str, time: int) -> bytes:
    return text.encode() if kind == LOG else f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was checked: by which key, and at what time if it is a witness's."""

    key: VerifierKey
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends with a newline, and the signatures below it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """The note as it travels."""
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def signed_by(self, keys: Iterable[VerifierKey]) -> tuple[Signed, ...]:
        """Every signature by one of the keys, checked; signatures of other keys are passed over.

        UnprovenError where one of a known key is false or none is known: such a note says nothing.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found = tuple(_checked(self.text, signature, key) for signature, key in self._of(known))
        if not found:
            raise UnprovenError("no signature of a key that is trusted here stands below the note")
        return tuple(dict.fromkeys(found))

    def _of(self, known: dict[tuple[str, bytes], VerifierKey]) -> Iterator[tuple[Signature, VerifierKey]]:
        return ((one, key) for one in self.signatures if (key := known.get((one.name, one.key_id))))

    def with_signatures(self, more: Iterable[Signature]) -> "Note":
        """The note with signatures of others below its own; a key that signed before keeps its place and its earlier signature."""
        lines: dict[tuple[str, bytes], Signature] = {}
        for one in (*self.signatures, *more):
            lines.setdefault((one.name, one.key_id), one)
        return Note(self.text, tuple(lines.values()))


def _checked(text: str, signature: Signature, key: VerifierKey) -> Signed:
    """UnprovenError unless the key made the signature."""
    stamped = key.kind == WITNESS
    blob = signature.signature[_TIME_BYTES:] if stamped else signature.signature
    time = signature.time if stamped else 0
    try:
        if len(blob) != _SIGNATURE_BYTES or time > _LATEST:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(key.public).verify(blob, _message(key.kind, text, time))
    except InvalidSignature:
        raise UnprovenError(f"the signature of {key.name} is false: the text was changed, or somebody else signed in its name") from None
    return Signed(key, time if stamped else None)


def parse_note(note: bytes | str) -> Note:
    """A note taken apart; nothing in it is true before `signed_by`.  UnprovenError for what is no note."""
    try:
        whole = note.decode() if isinstance(note, bytes) else note
        size = len(whole.encode())
    except UnicodeError:
        raise UnprovenError("a note is UTF-8") from None
    text, blank, below = whole.rpartition("\n\n")
    if size > NOTE_BYTES or _CONTROL.search(whole) or not text or not blank or not below.endswith("\n"):
        raise UnprovenError("a note is a text, an empty line and lines of signatures")
    lines = below[:-1].split("\n")
    if len(lines) > SIGNATURES:
        raise UnprovenError(f"a note carries at most {SIGNATURES} signatures")
    return Note(text + "\n", tuple(Signature.parse(line) for line in lines))


def sign_note(text: str, keys: Sequence[SigningKey]) -> Note:
    """A text signed by logs' keys; UnprovenError for one that a note cannot carry."""
    return parse_note(str(Note(text, tuple(key.sign(text) for key in keys))))
