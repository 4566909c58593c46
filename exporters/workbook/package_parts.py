"""The parts of a workbook around its sheets.

Source: ECMA-376 Part 2 (Open Packaging Conventions).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from exporters.about import holder_of
from exporters.markup import attribute, content
from exporters.opening.colours import colour_of
from exporters.workbook.names import place
from exporters.workbook.styles import styles

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from exporters.base import Answer

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def sheet_path(number: int) -> str:
    """Name the file of a sheet, counted from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def texts(sheets: Sequence[str], answer: Answer, headed: Container[str]) -> dict[str, str]:
    """Give the files that tell what the archive is, by their paths.

    Args:
        headed: the sheets whose first row stands on every printed page.
    """
    return {
        "xl/styles.xml": styles(colour_of(answer)),
        "xl/workbook.xml": _workbook(sheets, headed),
        "xl/_rels/workbook.xml.rels": _workbook_relations(len(sheets)),
        "docProps/core.xml": _core(answer),
        "_rels/.rels": _relations(
            ("officeDocument", f"{_RELATIONS}/officeDocument", "xl/workbook.xml"),
            ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "[Content_Types].xml": _content_types(len(sheets)),
    }


def _workbook(sheets: Sequence[str], headed: Container[str]) -> str:
    listed = "".join(
        f'<sheet{attribute("name", name)} sheetId="{number}" r:id="s{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    view = '<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="28800" windowHeight="16000"/></bookViews>'
    return (
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{view}<sheets>{listed}</sheets>'
        f"{_printed_titles(sheets, headed)}</workbook>"
    )


def _printed_titles(sheets: Sequence[str], headed: Container[str]) -> str:
    named = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">{content(place(name, "$1:$1"))}</definedName>'
        for number, name in enumerate(sheets)
        if name in headed
    )
    return f"<definedNames>{named}</definedNames>" if named else ""


def _workbook_relations(sheets: int) -> str:
    listed = [(f"s{n}", f"{_RELATIONS}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    return _relations(*listed, ("styles", f"{_RELATIONS}/styles", "styles.xml"))


def _relations(*relations: tuple[str, str, str]) -> str:
    listed = "".join(f'<Relationship Id="{id_}" Type="{type_}" Target="{to}"/>' for id_, type_, to in relations)
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _core(answer: Answer) -> str:
    moment = answer.exported_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    spaces = (
        f'xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    title = content(f"Your data at {holder_of(answer)} ({answer.reference})")
    return (
        f"{_DECLARATION}<cp:coreProperties {spaces}><dc:title>{title}</dc:title>"
        f"<dc:creator>{content(holder_of(answer))}</dc:creator><dc:language>{content(answer.language)}</dc:language>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created></cp:coreProperties>'
    )


def _content_types(sheets: int) -> str:
    listed = "".join(
        f'<Override PartName="/{sheet_path(number)}" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in range(1, sheets + 1)
    )
    return (
        f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml"'
        ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{listed}</Types>"
    )
