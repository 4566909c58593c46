"""Text as XML 1.0 carries it, for whole columns and for single words.

What XML has no character for is written `_xHHHH_`, its code in four hexadecimal digits, and every `_x` of the text
itself `_x005F_x`: so undoing it (each `_xHHHH_` is that character) gives back any text.

Source: W3C, "Extensible Markup Language 1.0", §2.2 and §2.11; the escape is that of ECMA-376 Part 1, §22.9.2.19
(ST_Xstring), which spreadsheets undo themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from exporters.values import utf8

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_UNWRITABLE = [*(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"), "\ufffe", "\uffff"]
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "\r": "&#13;",
    "_x": "_x005F_x",
    **{character: f"_x{ord(character):04X}_" for character in _UNWRITABLE},
}
_IN_ATTRIBUTES = _ESCAPES | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPES)) + "|[\ud800-\udfff]")
_SPECIAL_IN_ATTRIBUTES = re.compile("|".join(map(re.escape, _IN_ATTRIBUTES)) + "|[\ud800-\udfff]")


def escaped(text: pl.Series) -> pl.Series:
    """Write the texts of a column as the content of an element; null stays null."""
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def needs_escaping(column: pa.Array[pa.Scalar[pa.DataType]]) -> bool:
    """Tell whether anything in a text column has to be escaped, in few passes over its buffer."""
    import polars as pl
    import pyarrow as pa

    buffer = utf8(column)
    octets = pl.Series(pa.Array.from_buffers(pa.uint8(), len(buffer), [None, buffer]))
    is_special = (octets == ord("&")) | (octets == ord("<")) | (octets == ord(">")) | (octets < 0x20)
    if is_special.any():
        return True
    content = buffer.to_pybytes()
    return any(special in content for special in (b"_x", b"\xef\xbf\xbe", b"\xef\xbf\xbf"))


def content(text: str) -> str:
    """Write a text as the content of an element, halves of surrogate pairs too, which JSON can hold."""
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0]) or f"_x{ord(found[0]):04X}_", text)


def attribute(name: str, value: str) -> str:
    """Write an attribute, a space before it."""
    written = _SPECIAL_IN_ATTRIBUTES.sub(lambda found: _IN_ATTRIBUTES.get(found[0]) or f"_x{ord(found[0]):04X}_", value)
    return f' {name}="{written}"'
