"""Reads a data map document and finds everything wrong with it at once, each fault with its line."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import ValidationError

from extractors.datamap import parts
from extractors.datamap.document import Document, Path, read_document
from extractors.datamap.languages import DEFAULT_LANGUAGE
from extractors.errors import Fault, FaultyDataMap

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from pydantic_core import ErrorDetails

    from extractors.identifiers import ForeignNode

UNREACHED = "nothing reaches it: give it identifiers, or a link to a collection that has some"
ERASE_VALUE = "not a value to erase to: null, a constant, {hash: sha256}, {mask: email} or {year_only: true}"


@lru_cache(maxsize=64)
def load(text: str, language: str = DEFAULT_LANGUAGE) -> parts.DataMap:
    """Read a data map; one that was read lately is given again, as nobody can change it.

    Args:
        language: see `parse`.

    Raises:
        FaultyDataMap: with every fault that can be told without the source.
    """
    data_map, faults = parse(text, language)
    if data_map is None or faults:
        raise FaultyDataMap(faults)
    return data_map


def parse(text: str, language: str = DEFAULT_LANGUAGE) -> tuple[parts.DataMap | None, tuple[Fault, ...]]:
    """Read a data map as far as it can be read, so that its sound parts can be held against the source too.

    Args:
        language: of the texts for people, where the map has them in several: a tag like `de` or `pt-BR`.

    Returns:
        The map without the collections that are faulty in themselves (None when nothing is left), and the faults.

    Raises:
        FaultyDataMap: the text is not YAML at all.
    """
    document = read_document(text)
    if not isinstance(document.data, dict):
        return None, (Fault("document", "not a data map: expected version, source and collections", 1),)
    data_map, shape_faults = _model(document, language)
    faults = {*document.faults, *shape_faults}
    if data_map is not None:
        faults.update(_sense_faults(document, data_map))
    return data_map, tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.path)))


def _model(document: Document, language: str) -> tuple[parts.DataMap | None, list[Fault]]:
    try:
        return parts.DataMap.model_validate(document.data, context={"language": language}), []
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
    unsound = {item["loc"][1] for item in errors if item["loc"][:1] == ("collections",) and len(item["loc"]) > 1}
    return _sound_part(document, unsound, language), [_fault(document, item) for item in errors]


def _sound_part(document: Document, unsound: set[str | int], language: str) -> parts.DataMap | None:
    collections = document.data.get("collections")
    if not isinstance(collections, dict) or not collections.keys() - unsound:
        return None
    sound = {name: part for name, part in collections.items() if name not in unsound}
    document_of_them = {"version": 1, "source": "unsound", "collections": sound}
    return parts.DataMap.model_validate(document_of_them, context={"language": language})


def _fault(document: Document, item: ErrorDetails) -> Fault:
    """Turn a pydantic error into a fault; behind the path pydantic adds union members, which people did not write."""
    location: Path = tuple(step for step in item["loc"] if step != "[key]")
    path = next(location[:depth] for depth in range(len(location), -1, -1) if location[:depth] in document.lines)
    if "erase" in path and path[-2:-1] in (("fields",), ("anonymise",)):
        return document.fault(path, ERASE_VALUE)
    if item["type"] == "missing":
        return document.fault((*path, *location[len(path) :][:1]), "missing")
    if item["type"] == "extra_forbidden":
        return document.fault(path, _unknown(str(path[-1])))
    if item["type"] == "string_pattern_mismatch":
        return document.fault(path, f"may not be called so; a name here is like {item['ctx']['pattern']}")
    return document.fault(path, item["msg"].removeprefix("Value error, "))


def _unknown(name: str) -> str:
    near = get_close_matches(name, _known_names(), n=1)
    return f"unknown; did you mean {near[0]}?" if near else "unknown; see the JSON Schema of the data map"


def _known_names() -> set[str]:
    models = (parts.DataMap, parts.CollectionPart, parts.FieldPart, parts.InformationPart, parts.LinkPart)
    fields = (field for model in (*models, parts.ErasePart) for field in model.model_fields.items())
    return {field.alias or name for name, field in fields}


def _sense_faults(document: Document, data_map: parts.DataMap) -> Iterator[Fault]:
    """Say what does not make sense between the collections of a map whose parts are sound."""
    written = document.data["collections"]
    for name, part in data_map.collections.items():
        for index, link in enumerate(part.links):
            if data_map.target(link) is None and data_map.foreign_target(link) is None:
                path = ("collections", name, "links", index, "to")
                yield from _link_faults(document, path, link, written)
    if set(written) == set(data_map.collections):
        for name in data_map.collections.keys() - reachable(data_map, None):
            yield document.fault(
                ("collections", name),
                "nothing reaches it: give it identifiers, or a link to a collection that has some",
            )


def _link_faults(document: Document, path: Path, link: parts.LinkPart, written: dict[str, object]) -> Iterator[Fault]:
    steps = link.to[0].split(".")
    if len(steps) == 1:
        yield document.fault(path, f"{link.to[0]} is not of the form collection.column")
    elif steps[0] not in written and len(steps) > 2 and steps[0] != document.data.get("source"):
        yield document.fault(path, "all columns of to must be of one collection of one source")
    elif steps[0] not in written:
        collection = steps[0] if len(steps) == 2 else steps[1]
        yield document.fault(path, f"leads nowhere: there is no collection {collection}")


def reachable(
    data_map: parts.DataMap, kinds: frozenset[str] | None, carried: Container[ForeignNode] = frozenset()
) -> set[str]:
    """Find the collections that a person can have rows in.

    Args:
        kinds: the kinds of identifier the person is known by; None for all kinds, and whatever other sources hold.
        carried: the nodes of other sources in which the person has values.
    """
    found = {
        name
        for name, part in data_map.collections.items()
        if part.identifiers and (kinds is None or part.identifiers.keys() & kinds)
    }
    found.update(name for name, _, target in data_map.foreign_links() if kinds is None or target in carried)
    while True:
        more = {
            name
            for name, part in data_map.collections.items()
            if name not in found and any((data_map.target(link) or ("",))[0] in found for link in part.links)
        }
        if not more:
            return found
        found |= more
