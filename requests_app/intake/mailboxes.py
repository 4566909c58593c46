"""Addresses as mail is sent to them, and as systems hold them."""

from __future__ import annotations

from extractors.errors import DsrError

LONGEST_MAILBOX = 254


class UnusableMailbox(DsrError, ValueError):
    """Say that an address names no mailbox that proves anything: it is quoted, no plain ASCII, or has no domain."""


def mailbox(typed: str) -> str:
    """Write an address as mail is sent to it, its domain in ASCII.

    What is proven is the mailbox that a mail reaches. Mail to `ann@straße.de` is sent to `ann@strasse.de`, whose owner
    may be somebody else; and letters that some databases take for one another, such as the dotless i, are gone.

    Raises:
        UnusableMailbox: no mail can be sent to it, or not to it alone.

    Source: RFC 3490 §4.1, which is how Django writes domains of mails.
    """
    local, _, domain = typed.rpartition("@")
    try:
        sent_to = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        sent_to = ""
    if not (sent_to and local.isascii()) or '"' in local or domain.startswith("[") or len(sent_to) > LONGEST_MAILBOX:
        raise UnusableMailbox("The address names no mailbox that a mail could prove.")
    return sent_to


def as_held(email: str) -> str:
    """Write an address as systems hold it, its domain in the letters of its language."""
    local, _, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return email
