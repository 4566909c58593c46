"""Turns a manifest into one data map per dataset, and lists what a data map has no place for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from extractors.datamap import load
from extractors.errors import Fault
from extractors.fides.describing import field_part, heading, information
from extractors.fides.left_out import COLLECTION, DATASET, FIELD, NESTED, REFERENCE, deletes, left_out
from extractors.fides.links import Graph, is_identity
from extractors.fides.manifest import FaultyManifest, read_manifest
from extractors.fides.writing import write_map

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from extractors.fides.links import Link, Place
    from extractors.fides.manifest import Manifest, ManifestCollection, ManifestDataset, Part, Reference

KINDS = {"email": "email", "phone_number": "phone", "phone": "phone", "user_id": "user_id"}
LONGEST_SLUG = 50
ALL_COLUMNS = (
    "Fides gives out declared fields only; the map gives out all columns of its tables but those marked secret"
)

NOTHING = "left out, nothing in it can be found: no collection has an identity, or is linked to one that has"


@dataclass(frozen=True, slots=True)
class ImportedMap:
    """The data map of one dataset.

    Args:
        source: the short name of the source, which the map names.
        text: the map as YAML, with the remarks as comments.
        remarks: what of the dataset is not in the map, or not as it was, each with its line in the manifest.
    """

    dataset: str
    source: str
    text: str
    remarks: tuple[Fault, ...]


def import_manifest(text: str) -> list[ImportedMap]:
    """Turn a manifest into data maps, one for each dataset; one in which nothing can be found is left out.

    Raises:
        FaultyManifest: it is not of the form Fides asks for, or nothing in any dataset can be found by an identity.
        FaultyDataMap: it is not YAML at all.
    """
    manifest = read_manifest(text)
    importing = _Importing(manifest)
    found = {place[0] for place in importing.graph.reached}
    left_out = [manifest.document.fault(d.part.path, NOTHING) for d in manifest.datasets if d.key not in found]
    if not found:
        raise FaultyManifest(left_out)
    for key in found:
        importing.remarks[key].update(dict.fromkeys(left_out))
    return [importing.imported(dataset) for dataset in manifest.datasets if dataset.key in found]


class _Importing:
    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.remarks: dict[str, dict[Fault, None]] = {dataset.key: {} for dataset in manifest.datasets}
        self.sources = self._sources()
        places = {(d.key, c.name): c for d in manifest.datasets for c in d.collections if not _is_skipped(c)}
        self.names = dict(_names(places))
        self.graph = Graph(manifest, places, self._tell_of_reference)

    def imported(self, dataset: ManifestDataset) -> ImportedMap:
        collections = [collection for collection in dataset.collections if self._is_taken(dataset, collection)]
        self._tell_all(dataset, collections)
        content: dict[str, Any] = {"version": 1, "source": self.sources[dataset.key], **heading(dataset.part)}
        content["collections"] = {
            self.names[dataset.key, collection.name]: self._collection(dataset, collection)
            for collection in collections
        }
        remarks = tuple(sorted(self.remarks[dataset.key], key=lambda remark: (remark.line or 0, remark.path)))
        text = write_map(content, _comments(dataset, collections, remarks))
        load(text)
        return ImportedMap(dataset.key, self.sources[dataset.key], text, remarks)

    def _sources(self) -> dict[str, str]:
        """Give each dataset a short name that no other has, nor any collection: links would be ambiguous."""
        taken = {collection.name for dataset in self.manifest.datasets for collection in dataset.collections}
        sources: dict[str, str] = {}
        for dataset in self.manifest.datasets:
            sources[dataset.key] = _free(_slug(dataset.key), taken)
            taken.add(sources[dataset.key])
            if sources[dataset.key] != dataset.key:
                self._tell(dataset.key, dataset.part, "fides_key", f"the source is called {sources[dataset.key]}")
        return sources

    def _is_taken(self, dataset: ManifestDataset, collection: ManifestCollection) -> bool:
        if _is_skipped(collection):
            self._tell(dataset.key, collection.part, "", "left out, as the manifest says skip_processing")
            return False
        if (dataset.key, collection.name) not in self.graph.reached:
            told = "left out: it has no identity, and no reference leads to it from a collection that can be found"
            self._tell(dataset.key, collection.part, "", told)
            return False
        return True

    def _collection(self, dataset: ManifestDataset, collection: ManifestCollection) -> dict[str, Any]:
        place = (dataset.key, collection.name)
        links = [self._written(place, link) for link in self.graph.links() if link.place == place]
        table = _table(dataset, collection)
        parts: dict[str, Any] = {
            "table": table if table != self.names[place] else None,
            "key": [field.name for field in collection.fields if field.part.meta.get("primary_key")],
            "identifiers": self._identifiers(dataset, collection),
            "links": links,
            "fields": {field.name: part for field in collection.fields if (part := field_part(field))},
            "information": information(collection.part),
            "erase": {"action": "delete"} if deletes(collection.part) else None,
        }
        return {name: part for name, part in parts.items() if part}

    def _written(self, place: Place, link: Link) -> dict[str, str]:
        dataset, collection = link.to
        to = f"{self.names.get(link.to, collection)}.{link.to_column}"
        source = "" if dataset == place[0] else f"{self.sources.get(dataset) or _slug(dataset)}."
        return {"column": link.column, "to": source + to}

    def _identifiers(self, dataset: ManifestDataset, collection: ManifestCollection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for field in filter(is_identity, collection.fields):
            given = str(field.part.meta["identity"])
            kind = KINDS.get(given) or _slug(given)
            found.setdefault(kind, []).append(field.name)
            if given not in KINDS:
                told = f"carried as the identifier kind {kind}, of which only the team can give a value"
                self._tell(dataset.key, field.part, "identity", told)
        return found

    def _tell_all(self, dataset: ManifestDataset, collections: Iterable[ManifestCollection]) -> None:
        self._tell(dataset.key, dataset.part, "collections", ALL_COLUMNS)
        for key in self.manifest.others:
            fault = self.manifest.document.fault((key,), "not carried: it is no dataset")
            self.remarks[dataset.key][fault] = None
        self._tell_left_out(dataset, dataset.part, DATASET)
        namespace = dataset.part.meta.get("namespace")
        for key in namespace if isinstance(namespace, dict) else ():
            if key != "schema":
                self._tell(dataset.key, dataset.part, f"namespace.{key}", "not carried: the source's URL says it")
        for collection in collections:
            self._tell_left_out(dataset, collection.part, COLLECTION)
            for field in collection.all_fields():
                is_column = len(field.steps) == 1 and not field.is_nested
                self._tell_left_out(dataset, field.part, FIELD if is_column else NESTED)
                for reference in field.references:
                    self._tell_left_out(dataset, reference.part, REFERENCE)

    def _tell_left_out(self, dataset: ManifestDataset, part: Part, carried: tuple[set[str], set[str]]) -> None:
        for key, reason in left_out(part, carried):
            self._tell(dataset.key, part, key, reason)

    def _tell_of_reference(self, reference: Reference, message: str) -> None:
        dataset = next(d for d in self.manifest.datasets if reference.part.path[:2] == d.part.path)
        self._tell(dataset.key, reference.part, "references", message)

    def _tell(self, dataset: str, part: Part, key: str, message: str) -> None:
        document = self.manifest.document
        paths = ((*part.path, key), *((*part.path, meta, key) for meta in ("fides_meta", "fidesops_meta")))
        line = next((document.lines[path] for path in paths if path in document.lines), document.line(part.path))
        name = f"{part.name}.{key}" if key else part.name
        self.remarks[dataset][Fault(name, message, line)] = None


def _is_skipped(collection: ManifestCollection) -> bool:
    return bool(collection.part.meta.get("skip_processing"))


def _names(places: Iterable[Place]) -> Iterator[tuple[Place, str]]:
    """Call collections as they are called, but for dots, which separate a collection from its columns."""
    taken: dict[str, set[str]] = {}
    for place in places:
        names = taken.setdefault(place[0], set())
        name = _free(place[1].replace(".", "_"), names)
        names.add(name)
        yield place, name


def _table(dataset: ManifestDataset, collection: ManifestCollection) -> str:
    namespace = dataset.part.meta.get("namespace")
    schema = namespace.get("schema") if isinstance(namespace, dict) else None
    return f"{schema}.{collection.name}" if schema else collection.name


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_-")[:LONGEST_SLUG]
    return slug if slug[:1].isalpha() else f"source_{slug}".rstrip("_")


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _comments(
    dataset: ManifestDataset, collections: Iterable[ManifestCollection], remarks: Iterable[Fault]
) -> Iterator[str]:
    yield f"Imported from the Fides dataset {dataset.key}."
    described = [(dataset.part, ""), *((collection.part, f"{collection.name}: ") for collection in collections)]
    for part, name in described:
        if text := part.text("description"):
            yield f"{name}{text}"
    yield "What is not in this map, or not as it was, by its line in the manifest:"
    yield from (f"- {remark}" for remark in remarks)
