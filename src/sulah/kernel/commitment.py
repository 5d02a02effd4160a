"""A commitment to words that stay here: whoever is given salt and words can check them, and without the salt nobody can guess them."""

from hashlib import sha256

from sulah.kernel.unproven import UnprovenError

SALT_BYTES = 32
_DOMAIN = b"sulah/commitment/v1\n"


def commitment(salt: bytes, payload: bytes) -> str:
    """SHA-256 over a domain, 32 bytes of salt drawn for this payload alone, and its canonical bytes; in hexadecimal.

    >>> commitment(bytes(32), b"{}")[:8]
    '3bf5263f'
    """
    if len(salt) != SALT_BYTES:
        raise UnprovenError(f"a salt has {SALT_BYTES} bytes")
    return sha256(_DOMAIN + salt + payload).hexdigest()
