"""How cells look: the numbers by which sheets name a style, and the part of a workbook that says what they mean."""

from __future__ import annotations

from enum import IntEnum


class Style(IntEnum):
    """The cell formats, in the order of `STYLES`."""

    PLAIN = 0
    HEADER = 1
    WRAPPED = 2
    DATE = 3
    MOMENT = 4
    MOMENT_MILLISECONDS = 5
    INSTANT = 6
    INSTANT_MILLISECONDS = 7
    CLOCK = 8
    HUNDREDTHS = 9
    TITLE = 10
    LINK = 11
    QUIET = 12
    INTEGER = 13


_FORMATS = {
    164: "yyyy\\-mm\\-dd",
    165: "yyyy\\-mm\\-dd\\ hh:mm:ss",
    166: "yyyy\\-mm\\-dd\\ hh:mm:ss.000",
    167: 'yyyy\\-mm\\-dd\\ hh:mm:ss"Z"',
    168: 'yyyy\\-mm\\-dd\\ hh:mm:ss.000"Z"',
    169: "hh:mm:ss",
}
_TOP = '<alignment vertical="top"/>'
_WRAP = '<alignment vertical="top" wrapText="1"/>'
_CELLS = (
    (0, 0, 0, _TOP),
    (0, 1, 2, '<alignment vertical="center" wrapText="1"/>'),
    (0, 0, 0, _WRAP),
    *((number, 0, 0, _TOP) for number in _FORMATS),
    (2, 0, 0, _TOP),
    (0, 2, 0, '<alignment vertical="center"/>'),
    (0, 3, 0, _TOP),
    (0, 4, 0, _WRAP),
    (3, 0, 0, _TOP),
)
"""Number format, font, fill and alignment of each style."""

_FONTS = (
    '<sz val="11"/><color rgb="FF1F2933"/><name val="Calibri"/><family val="2"/>',
    '<b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/><family val="2"/>',
    '<b/><sz val="18"/><color rgb="FF17324D"/><name val="Calibri"/><family val="2"/>',
    '<u/><sz val="11"/><color rgb="FF0B5CAD"/><name val="Calibri"/><family val="2"/>',
    '<sz val="11"/><color rgb="FF52606D"/><name val="Calibri"/><family val="2"/>',
)
_FILLS = (
    '<patternFill patternType="none"/>',
    '<patternFill patternType="gray125"/>',
    '<patternFill patternType="solid"><fgColor rgb="FF17324D"/><bgColor indexed="64"/></patternFill>',
)


def _listed(name: str, items: tuple[str, ...]) -> str:
    return f'<{name} count="{len(items)}">{"".join(items)}</{name}>'


def _attribute(text: str) -> str:
    return text.replace('"', "&quot;")


def _cell(format_: int, font: int, fill: int, alignment: str) -> str:
    applied = 'applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"'
    numbers = f'numFmtId="{format_}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0"'
    return f"<xf {numbers} {applied}>{alignment}</xf>"


STYLES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    + _listed("numFmts", tuple(f'<numFmt numFmtId="{n}" formatCode="{_attribute(c)}"/>' for n, c in _FORMATS.items()))
    + _listed("fonts", tuple(f"<font>{font}</font>" for font in _FONTS))
    + _listed("fills", tuple(f"<fill>{fill}</fill>" for fill in _FILLS))
    + _listed("borders", ("<border><left/><right/><top/><bottom/><diagonal/></border>",))
    + _listed("cellStyleXfs", ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',))
    + _listed("cellXfs", tuple(_cell(*cell) for cell in _CELLS))
    + _listed("cellStyles", ('<cellStyle name="Normal" xfId="0" builtinId="0"/>',))
    + "</styleSheet>"
)
