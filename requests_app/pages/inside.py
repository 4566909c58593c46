"""What is inside a download, in the words of its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import formats

if TYPE_CHECKING:
    from requests_app.models import Export

FEW_FILES = 6
_OPENED_FIRST = "Start here"
_ONLY_TOGETHER = {"html"}  # pages that lead to one another


@dataclass(frozen=True, slots=True)
class InsideFile:
    """A file; `number` fetches it by itself, None where that makes no sense."""

    name: str
    size_bytes: int
    sha256: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """The files of one format."""

    title: str
    good_for: str
    files: list[InsideFile]

    @property
    def size_bytes(self) -> int:
        """What they take together once unpacked."""
        return sum(file.size_bytes for file in self.files)

    @property
    def is_long(self) -> bool:
        """Whether they are listed only for who asks."""
        return len(self.files) > FEW_FILES


def groups_of(export: Export) -> list[Group]:
    """Put the files of an export into groups, what is opened first before the formats in their order."""
    numbers: dict[str, list[int]] = {}
    for number, member in enumerate(export.members):
        folder, _, name = member["path"].rpartition("/")
        numbers.setdefault(folder.partition("/")[0] if name and folder else "", []).append(number)
    order = sorted(numbers, key=bool)
    return [_group(export, slug, numbers[slug]) for slug in order]


def _group(export: Export, slug: str, numbers: list[int]) -> Group:
    is_single = not export.is_protected and (len(numbers) == 1 or slug not in _ONLY_TOGETHER)
    files = [_file(export, slug, number, is_single=is_single) for number in numbers]
    if not slug:
        return Group(_OPENED_FIRST, "What is in the package, and how to read it.", files)
    wording = formats.wording_of(slug)
    return Group(wording.name, wording.good_for, files)


def _file(export: Export, slug: str, number: int, *, is_single: bool) -> InsideFile:
    member = export.members[number]
    name = member["path"].removeprefix(f"{slug}/")
    return InsideFile(name, member["bytes"], member["sha256"], number if is_single else None)
