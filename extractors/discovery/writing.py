"""Writes a proposed data map as a person would: YAML with the reasons beside its parts, and last what was left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.discovery.model import Proposal

WIDTH = 120
SURE = 0.6
LONGEST_PLAIN_KEY = 1000
INLINE = frozenset({"identifiers", "links", "fields"})
_PLAIN = re.compile(r"-?[A-Za-z_][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.-]+)*")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"})
_Path = tuple[str, ...]


def write_map(proposal: Proposal) -> str:
    """Write a proposal's document as YAML that loads back to it; the same proposal always gives the same text."""
    lines = [*_header(proposal), *_Writer(proposal).lines(), *_footer(proposal)]
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, proposal: Proposal) -> None:
        self.document = proposal.document
        self.reasons = {reason.path: reason for reason in proposal.reasons}

    def lines(self) -> Iterator[str]:
        for name, value in self.document.items():
            if name != "collections":
                yield f"{name}: {inline(value)}"
        yield "collections:"
        for name, part in self.document["collections"].items():
            path = f"collections.{name}"
            yield from self._entry(name, 1, path, "", "")
            for key, value in part.items():
                yield from self._part(key, value, 2, f"{path}.{key}")

    def _part(self, key: str, value: Any, depth: int, path: str) -> Iterator[str]:
        """Write a part of a collection: mappings by lines where their entries have reasons, else on one line."""
        if key == "links":
            yield from self._entry(key, depth, path, "", "")
            for index, link in enumerate(value):
                yield from self._commented(f"{'  ' * (depth + 1)}- {inline(link)}", f"{path}[{index}]", depth + 1)
        elif key in ("identifiers", "fields") and isinstance(value, Mapping):
            yield from self._entry(key, depth, path, "", "")
            for name, entry in value.items():
                yield from self._entry(name, depth + 1, f"{path}.{name}", inline(entry), "")
        elif isinstance(value, Mapping) and len(f"{'  ' * depth}{key}: {inline(value)}") > WIDTH:
            yield from self._entry(key, depth, path, "", "")
            for name, entry in value.items():
                yield from self._part(name, entry, depth + 1, f"{path}.{name}")
        else:
            yield from self._entry(key, depth, path, inline(value), "")

    def _entry(self, key: str, depth: int, path: str, value: str, _: str) -> Iterator[str]:
        indent, written = "  " * depth, scalar(key)
        if len(written) > LONGEST_PLAIN_KEY:
            yield f"{indent}? {written}"
            yield f"{indent}: {value}".rstrip()
            return
        yield from self._commented(f"{indent}{written}: {value}".rstrip(), path, depth)

    def _commented(self, line: str, path: str, depth: int) -> Iterator[str]:
        """Put the reason behind a part, or above it where the line would get too long."""
        reason = self.reasons.get(path)
        if not reason:
            yield line
            return
        check = "" if reason.confidence >= SURE else ", please check"
        comment = f"# {reason.confidence:.2f}{check}: {printable(reason.text)}"
        if len(line) + 2 + len(comment) <= WIDTH:
            yield f"{line}  {comment}"
        else:
            yield from _wrapped(comment, "  " * depth)
            yield line


def inline(value: Any) -> str:
    """Write a value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(entry) for entry in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """Write a scalar, quoted where it could be taken for something else."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in ('"', "\\"):
        return "\\" + character
    if character.isprintable() and character not in "\u0085\u2028\u2029\ufeff\ufffe\uffff":
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    """Give a text on one line that holds nothing a comment must not."""
    return "".join(character if character.isprintable() and character != "\ufeff" else " " for character in text)


def _wrapped(comment: str, indent: str) -> Iterator[str]:
    words, line = comment.split(" "), ""
    for word in words:
        if line and len(indent) + len(line) + 1 + len(word) > WIDTH:
            yield indent + line
            line = f"#   {word}"
        else:
            line = f"{line} {word}" if line else word
    yield indent + line


def _header(proposal: Proposal) -> Iterator[str]:
    inventory = proposal.inventory
    sampled = sum(table.is_sampled for table in inventory.tables)
    declared = sum(link.is_declared for link in inventory.links)
    found = len(inventory.links) - declared
    told = (
        f"# Proposed by dsr_discover and seen by nobody yet: {len(inventory.tables)} tables, samples of {sampled}, "
        f"{declared} foreign keys, {found} links found by comparing. Before each reason stands how sure it is, 0 to 1. "
        "Check it with dsr_check, and with dsr_search for somebody you know."
    )
    yield from _wrapped(told, "")
    for note in inventory.notes:
        yield from _wrapped(f"# Note: {printable(note)}", "")


def _footer(proposal: Proposal) -> Iterator[str]:
    if not proposal.left_out:
        return
    yield ""
    yield "# Left out:"
    for table, why in sorted(proposal.left_out.items()):
        yield from _wrapped(f"# - {printable(table)}: {printable(why)}", "")
