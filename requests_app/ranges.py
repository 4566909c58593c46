"""Which bytes of a file a client wants: the headers Range and If-Range."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Some bytes of a file, both ends included and counted from 0."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        """How many bytes that are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for by its headers, each None where it is not sent."""

    byte_range: str | None = None
    if_range: str | None = None


WHOLE = Wish()


def span(wish: Wish, size_bytes: int, etag: str) -> Span | None:
    """Read the one range of bytes that is wanted; all of them where none is, where it is not understood or out of date.

    Args:
        etag: what names the bytes as they are, with its quotes; empty where nothing does.

    Returns:
        None where it lies outside of the file.

    Source: RFC 9110 §13.1.5 (only a strong tag that is the same lets a range stand; a date never does, as no dates
    are told) and §14.2.
    """
    whole = Span(0, size_bytes - 1)
    if wish.if_range is not None and (not etag or wish.if_range.strip() != etag):
        return whole
    match = _RANGE.fullmatch((wish.byte_range or "").replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return whole
    first, last = match.groups()
    if not first:
        return Span(max(0, size_bytes - int(last)), size_bytes - 1) if int(last) else None
    begin, end = int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1
    if last and int(last) < begin:
        return whole
    return Span(begin, end) if begin < size_bytes else None
