"""The portal's own secrets: how they are written down, told from placeholders, and made anew.

`python -m dsr_portal.secret_values` prints a fresh set for an environment file.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import sys

KEY_BYTES = 32
FEWEST_DIFFERENT_CHARACTERS = 10
PLACEHOLDER = re.compile(
    r"django-insecure|change.?(me|this|it)|replace.?(me|this|with)|placeholder|your.?(own.?)?secret|secret.?key.?here|to.?do",
    re.IGNORECASE,
)
KEY_ID = re.compile(r"[a-z0-9-]{1,32}")


def is_placeholder(secret: str) -> bool:
    """Tell whether a secret was copied from an example or typed by holding a key down."""
    return bool(PLACEHOLDER.search(secret)) or len(set(secret)) < FEWEST_DIFFERENT_CHARACTERS


def read_key_ring(text: str) -> dict[str, bytes]:
    """Read `id:base64-of-32-bytes` entries, separated by commas.

    Returns:
        The keys by id in the order written: the first encrypts, all decrypt.

    Raises:
        ValueError: an entry cannot be a key; names its position, never its text.
    """
    ring: dict[str, bytes] = {}
    for position, entry in enumerate(text.split(","), start=1):
        key_id, _, encoded = entry.strip().partition(":")
        if not KEY_ID.fullmatch(key_id) or not encoded:
            raise ValueError(f"has an entry (number {position}) that is not `id:key`, the id 1 to 32 of a-z, 0-9, -")
        if key_id in ring:
            raise ValueError(f"has an entry (number {position}) with the id of an earlier one; give every key its own")
        ring[key_id] = _read_key(encoded, position)
    return ring


def _read_key(encoded: str, position: int) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"has an entry (number {position}) whose key is not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"has an entry (number {position}) whose key is {len(key)} bytes long instead of {KEY_BYTES}")
    if len(set(key)) < FEWEST_DIFFERENT_CHARACTERS:
        raise ValueError(f"has an entry (number {position}) whose key is a placeholder; generate a random one")
    return key


def generate_secret_values() -> dict[str, str]:
    """Return random values for the settings that have no default."""
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    secret = secrets.token_urlsafe(64)
    while is_placeholder(secret):  # by chance one may hold such a word
        secret = secrets.token_urlsafe(64)
    return {"DSR_SECRET_KEY": secret, "DSR_KEYS": f"k{secrets.token_hex(4)}:{key}"}


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}={value}\n" for name, value in generate_secret_values().items())
