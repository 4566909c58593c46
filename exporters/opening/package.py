"""What is in a package: its folders and files, what each is good for, and how to check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.markup import content
from extractors.batches import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_LISTED = 40  # files of a folder


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a package, as its manifest lists it.

    Args:
        path: within the package, with `/`.
        sha256: hexadecimal.
    """

    path: str
    size_bytes: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class _Folder:
    """What a folder is good for, and how to open what is in it."""

    title: str
    told: str


_FOLDERS = {
    "html": _Folder(
        "A report to read on a screen",
        "Open index.html in any browser, by a double click. It needs no network, and can be searched and printed.",
    ),
    "pdf": _Folder("A document to read and print", "Opens in any PDF reader. Of long lists it shows how they begin."),
    "xlsx": _Folder(
        "A workbook",
        "For Excel, LibreOffice or Numbers: a sheet for each kind of data, to sort, filter and count.",
    ),
    "csv": _Folder(
        "Tables",
        "One file for each kind of data, for spreadsheets and databases. Complete; README.csv, where there is one, "
        "says what the columns mean.",
    ),
    "json": _Folder(
        "For programs",
        "Complete and exact, to give to another provider or to keep. The schema beside it describes the form.",
    ),
    "xml": _Folder(
        "For programs, as XML",
        "Complete and exact, to give to another provider or to keep. The schema beside it describes the form.",
    ),
    "": _Folder("Beside the folders", "Files that belong to the whole answer."),
}
_CHECKS = (
    ("Windows (PowerShell)", "Get-FileHash FILE"),
    ("macOS", "shasum -a 256 FILE"),
    ("Linux", "sha256sum FILE"),
)


def package(files: Sequence[PackedFile]) -> str:
    """Write what is in the package, the folders made for people first."""
    folders: dict[str, list[PackedFile]] = {}
    for file in files:
        folders.setdefault(file.path.rpartition("/")[0].partition("/")[0], []).append(file)
    known = list(_FOLDERS)
    names = sorted(folders, key=lambda name: known.index(name) if name in known else len(known))
    size = sum(file.size_bytes for file in files)
    return (
        '<section class="package" aria-labelledby="package"><h2 id="package">What is in this package</h2>\n'
        f"<p>{counted(len(files), 'file')}, {_size(size)} unpacked. Unpack it first: double-click it, or choose "
        "“Extract all”. Keep it where only you can get at it, and delete it from computers that you share.</p>\n"
        f"{''.join(_folder(name, folders[name]) for name in names)}{_checking()}</section>\n"
    )


def _folder(name: str, files: Sequence[PackedFile]) -> str:
    known = _FOLDERS.get(name) or _Folder(
        "More files", "Open them with the program that you use for this kind of file."
    )
    shown = f"{content(name)}/" if name else ""
    title = f'{known.title} <span class="count">{shown}</span>'
    label = content(f"Files: {known.title} {shown}".strip())
    heads = '<th scope="col">File</th><th scope="col" class="n">Size</th><th scope="col">SHA-256</th>'
    left = len(files) - MOST_LISTED
    more = f"<p>And {counted(left, 'file')} more; manifest.json lists all of them.</p>" if left > 0 else ""
    return (
        f"<h3>{title}</h3>\n<p>{known.told}</p>"
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}"><table class="files">'
        f"<caption>{label}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(_rows(files[:MOST_LISTED]))}</tbody></table></div>{more}\n"
    )


def _rows(files: Iterable[PackedFile]) -> Iterable[str]:
    for file in files:
        path = content(file.path).replace("/", "/<wbr>")
        digest = "".join(f"{file.sha256[start : start + 16]}<wbr>" for start in range(0, len(file.sha256), 16))
        yield f'<tr><td>{path}</td><td class="n">{_size(file.size_bytes)}</td><td><code>{digest}</code></td></tr>\n'


def _checking() -> str:
    commands = "".join(f"<div><dt>{name}</dt><dd><code>{command}</code></dd></div>" for name, command in _CHECKS)
    return (
        "<h3>Checking that nothing was changed</h3>\n"
        "<p>Every file has a checksum (SHA-256), here and in manifest.json. Compute it yourself; when it is the same, "
        "the file is as we made it.</p>"
        f'<dl class="told">{commands}</dl>\n'
    )


def _size(size_bytes: int) -> str:
    """Write a size as people do: `3.4 MB`."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    size, units = size_bytes / 1000, ["kB", "MB", "GB"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:.1f} {units[0]}" if size < 10 else f"{size:,.0f} {units[0]}"
