"""Tells what one text looks like by its shape alone: expressions compiled once, the cheapest test first."""

from __future__ import annotations

import json
import re
from collections import Counter
from ipaddress import IPv6Address
from math import log2

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

LONGEST_JSON = 20_000
LONGEST_SENTENCE_READ = 2_000
LEAST_PHONE_DIGITS, MOST_PHONE_DIGITS = 7, 15

_EMAIL = re.compile(
    r"(?:mailto:)?[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}", re.IGNORECASE
)
_ADDRESSED = re.compile(r"[^<>@]{1,100}<([^<>\s]{3,254})>")
_MENTIONED_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}")
_MENTIONED_PHONE = re.compile(
    r"(?<![\w.,:/+-])(?:\+|00(?=[1-9]))[1-9](?:[ ()/.-]{0,2}\d){7,13}(?![\d\w])"
    r"|(?<![\w.,:/+-])\(?0[1-9](?:\d{0,4}[ )/-]{1,2}\d{2,}|\d{8,10}(?=\D|$))(?:[ -]?\d{2,}){0,4}(?![\d\w])"
    r"|(?<![\w.,:/+-])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![\d\w])"
)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)[^\s]{3,}", re.IGNORECASE)
_UUID = re.compile(r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?", re.IGNORECASE)
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:/\d{1,2})?")
_IPV6 = re.compile(r"[0-9a-f:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?:/\d{1,3})?", re.IGNORECASE)
_IBAN = re.compile(r"[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}", re.IGNORECASE)
_CARD_DIGITS = re.compile(r"\d{13,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{4,5}")
# Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro; each with its lengths.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d+|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11,13}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)
_PASSWORD_HASH = re.compile(
    r"\$(?:1|2[abxy]?|5|6|7|8|9|y|gy|sha1|md5|apr1|argon2(?:id|i|d)?|scrypt|pbkdf2(?:-sha\d+)?|bcrypt-sha256|s0|P|H|S)"
    r"\$\S{8,}"
    r"|\{(?:S?SHA\d*|S?MD5|CRYPT|BCRYPT|PBKDF2[\w-]*|ARGON2\w*)\}\S{8,}"
    r"|(?:pbkdf2_sha\d+|pbkdf2:sha\d+(?::\d+)?|argon2(?:id)?|scrypt(?::\d+)*|bcrypt(?:_sha256)?|sha1|sha256|md5|phpass)"
    r"\$\S{8,}"
    r"|\*[0-9A-F]{40}|SCRAM-SHA-\d+\$\S{8,}",
    re.IGNORECASE,
)
_HEX = re.compile(r"(?:0x|\\x)?(?:[0-9a-f]+|[0-9A-F]+)")
_DIGEST_LENGTHS = frozenset((32, 40, 48, 56, 64, 96, 128))
_KNOWN_TOKEN = re.compile(
    r"eyJ[\w-]{10,}\.[\w-]{2,}(?:\.[\w-]*)*"
    r"|(?:sk|pk|rk|whsec)_(?:live|test)_\w{8,}|whsec_\w{8,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|sk-[\w-]{20,}|npm_\w{30,}|pypi-\w{20,}|EAA[A-Za-z0-9]{30,}|dop_v1_\w{40,}|shp(?:at|ss)_\w{20,}|hv[sb]\.\w{20,}"
    r"|(?:Bearer|Basic) [\w.+/=~-]{16,}|otpauth://\S+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*"
    r"|ssh-(?:rsa|ed25519) AAAA\S+.*"
)
_TOKEN_LETTERS = re.compile(r"[A-Za-z0-9_\-+/.~]{16,}={0,2}")
_FILE = re.compile(r".*\.[A-Za-z][A-Za-z0-9]{1,4}")
_RUN = re.compile(r"[0-9]+|[A-Z]+|[a-z]+|[^0-9A-Za-z]+")
_BASE32_SEED = re.compile(r"[A-Z2-7]{16,64}={0,6}")
_SERIALISED = re.compile(r"(?:a:\d+:\{.*\}|O:\d+:\"[^\"]+\":\d+:\{.*\}|s:\d+:\".*\";|[bid]:[-\d.]+;|N;)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:[.,' ]\d{3})+)(?:[.,]\d+)?(?:e[+-]?\d+)?")
_WORD = re.compile(r"[^\W\d_]{2,}")


def is_email(text: str) -> bool:
    """Tell an e-mail address, alone or behind a name and in angle brackets."""
    if _EMAIL.fullmatch(text):
        return True
    addressed = _ADDRESSED.fullmatch(text)
    return addressed is not None and _EMAIL.fullmatch(addressed.group(1)) is not None


def mentions_contact(text: str) -> bool:
    """Tell whether an e-mail address or a telephone number stands somewhere within a text."""
    head = text[:LONGEST_SENTENCE_READ]
    if "@" in head and _MENTIONED_EMAIL.search(head):
        return True
    return any(character in head for character in "+0-.") and _MENTIONED_PHONE.search(head) is not None


def is_url(text: str) -> bool:
    """Tell a web address or another URL with its scheme."""
    return _URL.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Tell a UUID in its form with hyphens."""
    return len(text) in (36, 38) and _UUID.fullmatch(text) is not None


def is_ip(text: str) -> bool:
    """Tell an IPv4 or IPv6 address, perhaps with the length of its network."""
    if "." in text and ":" not in text:
        return _IPV4.fullmatch(text) is not None
    if text.count(":") < 2 or _IPV6.fullmatch(text) is None:
        return False
    try:
        IPv6Address(text.partition("/")[0])
    except ValueError:
        return False
    return True


def is_iban(text: str) -> bool:
    """Tell an IBAN by its shape and its check digits."""
    if _IBAN.fullmatch(text) is None:
        return False
    compact = text.replace(" ", "").upper()
    return 15 <= len(compact) <= 34 and mod_97_10.is_valid(compact[4:] + compact[:4])


def is_card(text: str) -> bool:
    """Tell a payment card's number by its issuer's range and its Luhn digit."""
    if _CARD_DIGITS.fullmatch(text) is None:
        return False
    digits = text.replace(" ", "").replace("-", "")
    return _ISSUERS.fullmatch(digits) is not None and len(set(digits)) > 1 and luhn.is_valid(digits)


def is_hash(text: str) -> bool:
    """Tell a password hash in a known notation, or a digest in hexadecimal."""
    if text[0] in "$*{pPaAsSbBmM" and _PASSWORD_HASH.fullmatch(text):
        return True
    if len(text) < 32 or _HEX.fullmatch(text) is None:
        return False
    return len(text.removeprefix("0x").removeprefix("\\x")) in _DIGEST_LENGTHS and len(set(text)) > 6


def is_known_secret(text: str) -> bool:
    """Tell a password hash or a token by how it is written alone; random letters and digits do not suffice."""
    return bool(_KNOWN_TOKEN.fullmatch(text) or (text[:1] == "$" and _PASSWORD_HASH.fullmatch(text)))


def is_token(text: str) -> bool:
    """Tell a token or key: by a known beginning, or long, without words and of high entropy."""
    if len(text) < 16:
        return False
    if _KNOWN_TOKEN.fullmatch(text):
        return True
    if _BASE32_SEED.fullmatch(text) and entropy(text) >= 3.2 and not text.isalpha():
        return True
    return _TOKEN_LETTERS.fullmatch(text) is not None and not _FILE.fullmatch(text) and _is_random(text)


def _is_random(text: str) -> bool:
    """Ask for digits among the letters, and for letters that do not stand together as words do."""
    digits = sum(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if not digits or letters < 4 or entropy(text) < min(3.6, log2(len(text)) * 0.8):
        return False
    return len(_RUN.findall(text)) > len(text) * 0.28


def entropy(text: str) -> float:
    """Give the bits a character of this text carries, from how often each occurs in it."""
    length = len(text)
    return -sum(count / length * log2(count / length) for count in Counter(text).values())


def is_json(text: str) -> bool:
    """Tell a JSON object or array; one too long to read here by its two ends."""
    if text[-1] not in "}]":
        return False
    if len(text) > LONGEST_JSON:
        return text[1:].lstrip()[:1] in '"{[]}'
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_serialised(text: str) -> bool:
    """Tell what PHP's `serialize` writes."""
    return _SERIALISED.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Tell a number, with or without a fraction."""
    return _NUMBER.fullmatch(text) is not None


def is_free_text(text: str) -> bool:
    """Tell sentences: several words, more than a title has."""
    if len(text) < 24 or text.count(" ") < 3:
        return False
    words = _WORD.findall(text[:LONGEST_SENTENCE_READ])
    return len(words) >= 5 and sum(word.islower() for word in words) * 2 >= len(words)
