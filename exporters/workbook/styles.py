"""How cells look: the numbers by which sheets name a style, and the part of a workbook that says what they mean."""

from __future__ import annotations

from enum import IntEnum
from typing import TypeAlias


class Style(IntEnum):
    """The cell formats, in the order of `_CELLS`."""

    PLAIN = 0  # what spreadsheets give to cells that are not there
    HEADER = 1
    WRAPPED = 2
    DATE = 3
    MOMENT = 4
    MOMENT_MILLISECONDS = 5
    INSTANT = 6
    INSTANT_MILLISECONDS = 7
    CLOCK = 8
    HUNDREDTHS = 9
    WORDS = 10  # what a code means, beside it
    WORDS_HEADER = 11
    BAND = 12
    TITLE = 13
    LEAD = 14
    SECTION = 15
    HEAD = 16
    HEAD_NUMBER = 17
    LINE = 18
    LINE_LINK = 19
    LINE_NUMBER = 20
    LINE_QUIET = 21
    LINE_GOOD = 22
    LINE_LACKING = 23
    TOPIC = 24
    VALUE = 25
    TEXT = 26
    TRUTH = 27
    LINK = 28


_Cell: TypeAlias = tuple[int, int, int, int, str]

_FORMATS = {
    164: "yyyy\\-mm\\-dd",
    165: "yyyy\\-mm\\-dd\\ hh:mm:ss",
    166: "yyyy\\-mm\\-dd\\ hh:mm:ss.000",
    167: 'yyyy\\-mm\\-dd\\ hh:mm:ss"Z"',
    168: 'yyyy\\-mm\\-dd\\ hh:mm:ss.000"Z"',
    169: "hh:mm:ss",
    170: '"TRUE";"TRUE";"FALSE"',
}
_TOP = '<alignment vertical="top"/>'
_WORD = '<alignment horizontal="left" vertical="top" indent="1"/>'
_WRAP = '<alignment horizontal="left" vertical="top" wrapText="1" indent="1"/>'
_NAME = '<alignment horizontal="left" vertical="center" wrapText="1" indent="1"/>'
_MIDDLE = '<alignment vertical="center"/>'
_HEADING = '<alignment vertical="center" wrapText="1"/>'
_BOTTOM = '<alignment vertical="bottom"/>'
_RIGHT = '<alignment horizontal="right" vertical="{}" indent="2"/>'
_CELLS: tuple[_Cell, ...] = (
    (0, 0, 0, 0, _TOP),
    (0, 1, 2, 0, _NAME),
    (0, 0, 0, 1, _WRAP),
    *((number, 0, 0, 1, _TOP) for number in range(164, 170)),
    (2, 0, 0, 1, _TOP),
    (0, 4, 0, 1, _WRAP),
    (0, 10, 2, 0, _NAME),
    (0, 0, 2, 0, _TOP),
    (0, 2, 0, 0, _MIDDLE),
    (0, 4, 0, 0, _HEADING),
    (0, 6, 0, 0, _BOTTOM),
    (0, 5, 0, 2, _MIDDLE),
    (0, 5, 0, 2, _RIGHT.format("center")),
    (0, 0, 0, 1, _HEADING),
    (0, 3, 0, 1, _HEADING),
    (3, 0, 0, 1, _RIGHT.format("center")),
    (0, 4, 0, 1, _HEADING),
    (0, 7, 0, 1, _HEADING),
    (0, 8, 0, 1, _HEADING),
    (0, 9, 0, 0, _BOTTOM),
    (0, 0, 0, 1, _TOP),
    (0, 0, 0, 1, _WORD),
    (170, 0, 0, 1, '<alignment horizontal="center" vertical="top"/>'),
    (0, 3, 0, 1, _WRAP),
)
"""Number format, font, fill, border and alignment of each style."""

_INK, _QUIET, _GOOD, _LACKING, _HAIRLINE = "1F2933", "52606D", "1B6E3C", "9A4A00", "D9DFE5"


def styles(colour: str) -> str:
    """Write the part of the workbook that says how cells look.

    Args:
        colour: of titles and headings, `#rrggbb`, dark enough for white text upon it.
    """
    accent = colour.removeprefix("#").upper()
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + _listed("numFmts", tuple(map(_format, _FORMATS.items())))
        + _listed("fonts", _fonts(accent))
        + _listed("fills", _fills(accent))
        + _listed("borders", (_border(), _border("thin", _HAIRLINE), _border("medium", accent)))
        + _listed("cellStyleXfs", ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',))
        + _listed("cellXfs", tuple(_cell(*cell) for cell in _CELLS))
        + _listed("cellStyles", ('<cellStyle name="Normal" xfId="0" builtinId="0"/>',))
        + "</styleSheet>"
    )


def _fonts(accent: str) -> tuple[str, ...]:
    return (
        _font(_INK),
        _font("FFFFFF", "<b/>"),
        _font(accent, "<b/>", 24),
        _font("0B5CAD", "<u/>"),
        _font(_QUIET),
        _font(accent, "<b/>"),
        _font(accent, "<b/>", 15),
        _font(_GOOD, "<b/>"),
        _font(_LACKING, "<b/>"),
        _font(_INK, "<b/>", 12),
        _font("FFFFFF"),
    )


def _font(colour: str, manner: str = "", size: int = 11) -> str:
    name = '<name val="Calibri"/><family val="2"/>'
    return f'<font>{manner}<sz val="{size}"/><color rgb="FF{colour}"/>{name}</font>'


def _fills(accent: str) -> tuple[str, ...]:
    patterns = ('<patternFill patternType="none"/>', '<patternFill patternType="gray125"/>')
    solid = '<patternFill patternType="solid"><fgColor rgb="FF{}"/><bgColor indexed="64"/></patternFill>'
    return tuple(f"<fill>{fill}</fill>" for fill in (*patterns, solid.format(accent)))


def _border(manner: str = "", colour: str = "") -> str:
    below = f'<bottom style="{manner}"><color rgb="FF{colour}"/></bottom>' if manner else "<bottom/>"
    return f"<border><left/><right/><top/>{below}<diagonal/></border>"


def _listed(name: str, items: tuple[str, ...]) -> str:
    return f'<{name} count="{len(items)}">{"".join(items)}</{name}>'


def _format(item: tuple[int, str]) -> str:
    number, code = item
    return '<numFmt numFmtId="{}" formatCode="{}"/>'.format(number, code.replace('"', "&quot;"))


def _cell(format_: int, font: int, fill: int, border: int, alignment: str) -> str:
    applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
    numbers = f'numFmtId="{format_}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
    return f"<xf {numbers} {applied}>{alignment}</xf>"
