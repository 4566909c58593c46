"""A column's values as a typesetter takes them: texts, and more than texts as small trees of names and lists."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING
from unicodedata import category

from exporters.json_tokens import tokens
from exporters.opening.phrases import is_leftwards
from exporters.report.values import MOMENT, is_picture, shortened
from exporters.values import plain_text
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from extractors.batches import Field

Tree = str | list[object]
Cell = str | dict[str, object] | None

_WORDS = {"true": "Yes", "false": "No"}
_NESTED = {"true": "yes", "false": "no", "null": "none"}
_DEEPEST = 12  # typesetters end deep nesting with an error
_PIECE = 8  # letters of a long word between which a line may end
_CUT = "\0"  # no text holds it any more
_PICTURE_PIXELS, _PICTURE_MILLIMETRES = 480, 40  # of its longer side
_PIXEL_MILLIMETRES = 25.4 / 96  # CSS Values and Units, 6.2
_MOMENT_WORDS = re.compile(MOMENT)
_ESCAPED = {"_x": "_x005F_x"}
_UNSHOWABLE = re.compile("_x|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]")


def cells(rows: pa.RecordBatch, position: int, field: Field, longest: int, room: int) -> list[Cell]:
    """Give the values of a column, None for null.

    Args:
        longest: characters after which a text is cut, with a word on where the rest is.
        room: letters of a word that fit into the column; longer ones may be broken.
    """
    import polars as pl

    if field.kind is Kind.BINARY:
        return [None if value is None else _binary(value) for value in rows.column(position).to_pylist()]
    write = _writer(field, longest, room)
    text = plain_text(pl.DataFrame(rows).to_series(position), field.kind)
    return [None if value is None else write(value) for value in text.to_list()]


def _writer(field: Field, longest: int, room: int) -> Callable[[str], Cell]:
    """Choose how the values of a field are written."""
    if field.codes:
        return lambda text: {"code": text, "told": field.codes[text]} if text in field.codes else _text(text, room)
    if field.kind is Kind.BOOLEAN:
        return lambda text: _WORDS.get(text, text)
    if field.kind is Kind.JSON:
        return lambda text: {"tree": tree(text)} if len(text) <= longest else _text(shortened(text, longest), room)
    if field.kind is Kind.TIMESTAMP:
        return lambda text: _moment(text, room)
    return lambda text: _text(text if len(text) <= longest else shortened(text, longest), room)


def tree(text: str) -> Tree:
    """Take JSON apart: names with values, lists, and scalars as words; what is nested too deep stays JSON text.

    Args:
        text: valid JSON.
    """
    root: list[object] = []
    open_lists: list[list[object]] = [root]
    names: list[str | None] = [None]
    for token, is_name in tokens(text):
        if is_name:
            names[-1] = str(json.loads(token))
            continue
        if token in ("}", "]"):
            open_lists.pop()
            names.pop()
            continue
        if token in ("{", "[") and len(open_lists) > _DEEPEST:
            return showable(text)
        children: list[object] = []
        kind = {"{": "names", "[": "list"}.get(token)
        item: Tree = [kind, children] if kind else _scalar(token)
        open_lists[-1].append(item if names[-1] is None else [showable(names[-1]), item])
        names[-1] = None
        if kind:
            open_lists.append(children)
            names.append(None)
    return root[0]  # type: ignore[return-value]  # valid JSON has one root


def showable(text: str) -> str:
    """Write characters that no font has by their code, as the other documents do; see `exporters.markup`."""
    return _UNSHOWABLE.sub(lambda found: _ESCAPED.get(found[0]) or f"_x{ord(found[0]):04X}_", text)


def _scalar(token: str) -> str:
    return showable(json.loads(token)) if token[0] == '"' else _NESTED.get(token, token)


def _moment(text: str, room: int) -> Cell:
    found = _MOMENT_WORDS.fullmatch(text)
    if not found:
        return _text(text, room)
    day, minute, second, _, zone = found.groups()
    return f"{day} {minute}:{second}{' UTC' if zone else ''}"


def _text(text: str, room: int) -> Cell:
    text = showable(text.replace("\r\n", "\n"))
    pieces = _pieces(text, room)
    if not text.isascii() and is_leftwards(text):
        return {"rtl": pieces}
    return {"pieces": pieces} if len(pieces) > 1 else text


def _pieces(text: str, room: int) -> list[str]:
    """Cut a text within the words that are too long for the column."""
    if len(text) <= room:
        return [text]
    return re.sub(rf"\S{{{room + 1},}}", lambda found: _cut_up(found[0]), text).split(_CUT)


def _cut_up(word: str) -> str:
    """Put a cut after every few letters, before none that belongs to the one before it."""
    written, since = [], 0
    for before, letter in zip(["", *word], word, strict=False):
        is_bound = category(letter)[0] == "M" or "\N{ZERO WIDTH JOINER}" in (before, letter)
        if since >= _PIECE and not is_bound:
            written.append(_CUT)
            since = 0
        written.append(letter)
        since += 1
    return "".join(written)


def _binary(value: bytes) -> Cell:
    small = _small_picture(value) if is_picture(value) else None
    return small or f"Data, {len(value):,} bytes, in the other files"


def _small_picture(value: bytes) -> Cell:
    """Make a picture as large as it is printed; None where it is no picture, or too large to be opened safely."""
    from PIL import Image

    written = io.BytesIO()
    try:
        with Image.open(io.BytesIO(value)) as picture:
            picture.thumbnail((_PICTURE_PIXELS, _PICTURE_PIXELS))
            picture.convert("RGBA").save(written, "PNG")
            side, width = max(picture.size), picture.width
    except Exception:  # noqa: BLE001 - whatever a broken picture does
        return None
    told = f"Picture, {len(value):,} bytes"
    millimetres = width * min(_PICTURE_MILLIMETRES / side, _PIXEL_MILLIMETRES)
    return {"picture": list(written.getvalue()), "alt": told, "width": millimetres}
