"""The stage in which the person and the team write to one another, on the request's own page."""

from __future__ import annotations

from requests_app.conversation.canned import UnusableText, filled, offered, save, throw_away
from requests_app.conversation.reading import Said, Side, conversation, find_file, note_read, unread_by_person
from requests_app.conversation.writing import (
    LONGEST,
    MOST_FILES,
    UnusableMessage,
    closed_because,
    reply,
    write,
)

__all__ = [
    "LONGEST",
    "MOST_FILES",
    "Said",
    "Side",
    "UnusableMessage",
    "UnusableText",
    "closed_because",
    "conversation",
    "filled",
    "find_file",
    "note_read",
    "offered",
    "reply",
    "save",
    "throw_away",
    "unread_by_person",
    "write",
]
