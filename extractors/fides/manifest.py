"""Reads a Fides dataset manifest: what is in it, on which line, and what of it nobody here asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as of
from typing import TYPE_CHECKING, Any

import yaml

from extractors.datamap.document import read_document
from extractors.errors import DsrError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.datamap.document import Document, Path

EMPTY: tuple[object, ...] = (None, "", [], {}, False)
META = ("fides_meta", "fidesops_meta")


class FaultyManifest(DsrError, ValueError):
    """Refuse a manifest, with every fault of its form."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"The manifest has {count}: " + "; ".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class Part:
    """A dataset, a collection, a field or a reference as it is written.

    Args:
        path: where it stands in the document; `name` is where people would say.
        own: its keys, with those of its `fides_meta` in `meta`.
    """

    name: str
    path: Path
    own: dict[str, Any]
    meta: dict[str, Any] = of(default_factory=dict)

    def text(self, key: str) -> str | None:
        """Give a text written in the part itself, whitespace made single; None where there is none."""
        value = self.own.get(key)
        return " ".join(str(value).split()) or None if value is not None else None

    def texts(self, key: str) -> list[str]:
        """Give a list of texts written in the part itself; one alone counts as a list."""
        value = self.own.get(key)
        values = value if isinstance(value, list) else [value]
        return [str(item) for item in values if item not in EMPTY]


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of another collection, perhaps of another dataset, that a field refers to or is referred to by."""

    part: Part
    dataset: str
    collection: str
    field: tuple[str, ...]
    direction: str | None


@dataclass(frozen=True, slots=True)
class ManifestField:
    """A field: a column, or a place within one."""

    part: Part
    name: str
    steps: tuple[str, ...]
    references: tuple[Reference, ...]
    fields: tuple[ManifestField, ...]

    @property
    def data_type(self) -> str:
        """The declared type, `object` where fields are nested; empty where nothing is said."""
        return str(self.part.meta.get("data_type") or ("object" if self.fields else ""))

    @property
    def is_nested(self) -> bool:
        """Whether it holds a structure or a list."""
        return bool(self.fields) or self.data_type.endswith("[]") or self.data_type == "object"

    def within(self) -> Iterator[ManifestField]:
        """Yield the field and all within it."""
        yield self
        for field in self.fields:
            yield from field.within()


@dataclass(frozen=True, slots=True)
class ManifestCollection:
    """A collection: a table."""

    part: Part
    name: str
    fields: tuple[ManifestField, ...]

    def all_fields(self) -> Iterator[ManifestField]:
        """Yield its fields and all within them."""
        for field in self.fields:
            yield from field.within()


@dataclass(frozen=True, slots=True)
class ManifestDataset:
    """A dataset: a database, or a schema of one."""

    part: Part
    key: str
    collections: tuple[ManifestCollection, ...]

    @property
    def name(self) -> str:
        """The key, by which references name it."""
        return self.key


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest, and where everything stands in it."""

    document: Document
    datasets: tuple[ManifestDataset, ...]
    others: tuple[str, ...]


def read_manifest(text: str) -> Manifest:
    """Read a manifest.

    Raises:
        FaultyManifest: it is not YAML, holds no dataset, or a part of it is not of the form Fides asks for.
        FaultyDataMap: it is not YAML at all.
    """
    document = read_document(text, yaml.SafeLoader)
    reading = _Reading(document)
    data = document.data
    if not isinstance(data, dict) or "dataset" not in data:
        raise FaultyManifest([Fault("document", "not a Fides dataset manifest: expected `dataset`", 1)])
    datasets = tuple(reading.unique(reading.datasets(data["dataset"])))
    if faults := [*document.faults, *reading.faults]:
        raise FaultyManifest(sorted(faults, key=lambda fault: (fault.line or 0, fault.path)))
    return Manifest(document, datasets, tuple(key for key in data if key != "dataset"))


class _Reading:
    """Goes through a document, collecting what is not of its form."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def datasets(self, data: Any) -> Iterator[ManifestDataset]:
        listed = [data] if isinstance(data, dict) else data
        for path, item in self._items(listed, ("dataset",)):
            if key := self._name(item, path, "fides_key"):
                part = self._part(item, path, key)
                collections = self._items(item.get("collections"), (*path, "collections"))
                yield ManifestDataset(part, key, tuple(self.unique(self._collections(collections, part))))

    def _collections(self, items: Iterator[tuple[Path, dict[str, Any]]], owner: Part) -> Iterator[ManifestCollection]:
        for path, item in items:
            if name := self._name(item, path):
                part = self._part(item, path, f"{owner.name}.{name}")
                fields = self._items(item.get("fields"), (*path, "fields"))
                yield ManifestCollection(part, name, tuple(self.unique(self._fields(fields, part, ()))))

    def _fields(
        self, items: Iterator[tuple[Path, dict[str, Any]]], owner: Part, steps: tuple[str, ...]
    ) -> Iterator[ManifestField]:
        for path, item in items:
            if name := self._name(item, path):
                part, here = self._part(item, path, f"{owner.name}.{name}"), (*steps, name)
                nested = self._items(item.get("fields"), (*path, "fields")) if item.get("fields") else iter(())
                within = tuple(self.unique(self._fields(nested, part, here)))
                yield ManifestField(part, name, here, tuple(self._references(part)), within)

    def _references(self, owner: Part) -> Iterator[Reference]:
        if not (given := owner.meta.get("references")):
            return
        paths = ((*owner.path, key, "references") for key in META)
        place = next((path for path in paths if path in self.document.lines), owner.path)
        for path, item in self._items(given, place):
            dataset, field = item.get("dataset"), str(item.get("field") or "")
            direction = item.get("direction")
            steps = field.split(".")
            if not dataset or len(steps) < 2 or not all(steps):
                self._fault(path, "a reference needs `dataset`, and `field` as in customer.id")
            elif direction not in (None, "from", "to"):
                self._fault(path, "direction is `from`, `to` or not written")
            else:
                part = Part(owner.name, path, {k: v for k, v in item.items() if k not in {"dataset", "field"}})
                yield Reference(part, str(dataset), steps[0], tuple(steps[1:]), direction)

    def _items(self, data: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
        if not isinstance(data, list) or not data:
            self._fault(path, "missing, or not a list")
            return
        for index, item in enumerate(data):
            if isinstance(item, dict):
                yield (*path, index), item
            else:
                self._fault((*path, index), "not of the form key: value")

    def _name(self, item: dict[str, Any], path: Path, key: str = "name") -> str:
        value = item.get(key)
        if value is None or isinstance(value, dict | list) or not str(value).strip() or "\x00" in str(value):
            self._fault(path, f"{key} is missing")
            return ""
        return str(value)

    def _part(self, item: dict[str, Any], path: Path, name: str) -> Part:
        meta: dict[str, Any] = {}
        for key in META:
            if isinstance(given := item.get(key), dict):
                meta = given | meta
            elif given is not None:
                self._fault((*path, key), "not of the form key: value")
        return Part(name, path, {key: value for key, value in item.items() if key not in META}, meta)

    def unique(self, items: Iterator[Any]) -> Iterator[Any]:
        names: set[str] = set()
        for item in items:
            if item.name in names:
                self._fault(item.part.path, f"{item.name} is there twice")
            names.add(item.name)
            yield item

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(self.document.fault(path, message))
