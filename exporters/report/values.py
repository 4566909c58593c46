"""A column's values as people read them in a browser, made column by column; the exact value always stands beside."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from exporters.markup import attribute, content, escaped, needs_escaping
from exporters.report.nested import nested
from exporters.values import plain_text
from extractors.batches import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    import pyarrow as pa

    from extractors.batches import Field

NUMBERS = frozenset({Kind.INTEGER, Kind.FLOAT, Kind.DECIMAL})
_FOLDED = 1_500  # characters from which a text is shown when asked for
_SHOWN = 160
MOMENT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):([0-9]{2})(\.[0-9]+)?(Z?)$"
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
_LEFTWARDS = r"^\P{L}*[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]"
_SHORT = 26  # characters of a code and its meaning that stand on one line
_TIME_TAG = r"</?time[^>]*>"
_LONG_WORD = r"((?:&[a-z#0-9]+;|[^\s<&]){40})"
_YES_AND_NO = {"true": '<data value="true">Yes</data>', "false": '<data value="false">No</data>'}
_MOST_PICTURE_BYTES = 2 * 1024 * 1024


def shown(
    column: pl.Series, octets: pa.Array[pa.Scalar[pa.DataType]], field: Field, longest: int | None = None
) -> pl.Series:
    """Write values as markup; null stays null.

    Args:
        longest: for paper: characters after which a text is cut, with a word on where the rest is; binary data but
            pictures is only named. None to show everything, long texts when asked for.
    """
    import polars as pl

    if field.kind is Kind.JSON:
        return pl.Series([None if text is None else _nested(text, longest) for text in column], dtype=pl.String)
    if field.kind is Kind.BINARY:
        pictured = _binary if longest is None else _binary_on_paper
        return pl.Series([None if value is None else pictured(value) for value in column], dtype=pl.String)
    text = plain_text(column, field.kind)
    if longest is not None:
        text = _cut(text, longest)
    if field.codes:
        return _replaced(text, {code: _coded(code, told) for code, told in field.codes.items()})
    if field.kind is Kind.BOOLEAN:
        return _replaced(text, _YES_AND_NO if longest is None else {"true": "Yes", "false": "No"})
    safe = escaped(text) if field.kind not in (Kind.INTEGER, Kind.FLOAT) and _is_special(octets, text) else text
    if field.kind is Kind.TIMESTAMP:
        moments = _moments(safe)
        return moments if longest is None else moments.str.replace_all(_TIME_TAG, "")  # each tag costs a printer
    if longest is not None:
        broken = safe.str.replace_all(_LONG_WORD, "${1}<wbr>")  # without, breaking a long word takes seconds
        return _directed(broken, text)
    return _folded(safe, text) if field.kind in (Kind.TEXT, Kind.DECIMAL) else safe


def _is_special(octets: pa.Array[pa.Scalar[pa.DataType]], text: pl.Series) -> bool:
    return len(text) > text.null_count() and needs_escaping(octets)


def _replaced(text: pl.Series, markup: Mapping[str, str]) -> pl.Series:
    """Put markup for the values that have some."""
    import polars as pl

    return pl.Series([None if code is None else markup.get(code) or content(code) for code in text], dtype=pl.String)


def _coded(code: str, told: str) -> str:
    """Write a code with its meaning: `B (new)`."""
    whole = ' class="m"' if len(code) + len(told) <= _SHORT else ""
    return (
        f'<data{whole}{attribute("value", code)}>{content(code)} <span class="meaning">({content(told)})</span></data>'
    )


def _moments(text: pl.Series) -> pl.Series:
    import polars as pl

    is_moment = text.str.contains(MOMENT)
    told = text.str.replace(MOMENT, "${1} ${2}:${3}")
    zone = pl.when(pl.lit(text).str.ends_with("Z")).then(pl.lit(" UTC")).otherwise(pl.lit(""))
    marked = pl.concat_str(
        pl.lit('<time datetime="'), pl.lit(text), pl.lit('">'), pl.lit(told), zone, pl.lit("</time>")
    )
    return pl.select(pl.when(pl.lit(is_moment)).then(marked).otherwise(pl.lit(text))).to_series()


def _directed(safe: pl.Series, text: pl.Series) -> pl.Series:
    """Turn what begins from right to left, which printers do not find out by themselves."""
    import polars as pl

    is_leftwards = text.str.contains(_LEFTWARDS)
    if not is_leftwards.any():
        return safe
    turned = pl.concat_str(pl.lit('<div dir="rtl">'), pl.lit(safe), pl.lit("</div>"))
    return pl.select(pl.when(pl.lit(is_leftwards)).then(turned).otherwise(pl.lit(safe))).to_series()


def _folded(safe: pl.Series, text: pl.Series) -> pl.Series:
    """Show how a long text begins, and all of it when asked."""
    import polars as pl

    places = (text.str.len_chars() > _FOLDED).arg_true().to_list()
    if not places:
        return safe
    folded = [
        f"<details><summary>{content(text[place][:_SHOWN])}…</summary><div>{safe[place]}</div></details>"
        for place in places
    ]
    return safe.scatter(pl.Series(places, dtype=pl.UInt32), pl.Series(folded, dtype=pl.String))


def is_picture(value: bytes) -> bool:
    """Whether bytes begin as a picture does that browsers show, and are few enough to be shown."""
    return value.startswith(tuple(_PICTURES)) and len(value) <= _MOST_PICTURE_BYTES


def _binary(value: bytes) -> str:
    encoded = b64encode(value).decode("ascii")
    if is_picture(value):
        kind = next(name for beginning, name in _PICTURES.items() if value.startswith(beginning))
        return f'<img alt="Picture, {len(value):,} bytes" src="data:image/{kind};base64,{encoded}">'
    return f"<details><summary>Data, {len(value):,} bytes</summary><code>{encoded}</code></details>"


def _binary_on_paper(value: bytes) -> str:
    markup = _binary(value)
    return markup if markup.startswith("<img") else f"Data, {len(value):,} bytes, in the other files"


def _nested(text: str, longest: int | None) -> str:
    return nested(text) if longest is None or len(text) <= longest else content(shortened(text, longest))


def _cut(text: pl.Series, longest: int) -> pl.Series:
    import polars as pl

    places = (text.str.len_chars() > longest).arg_true().to_list()
    if not places:
        return text
    cut = [shortened(text[place], longest) for place in places]
    return text.scatter(pl.Series(places, dtype=pl.UInt32), pl.Series(cut, dtype=pl.String))


def shortened(text: str, longest: int) -> str:
    """Cut a text, with a word on where the rest is."""
    return f"{text[:longest]}… [the whole text, {len(text):,} characters, is in the other files]"
