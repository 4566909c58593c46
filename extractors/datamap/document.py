"""Reads YAML (or JSON) the plain way, remembering on which line everything stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from extractors.errors import Fault, FaultyDataMap

LONGEST_DOCUMENT = 4_000_000
Path = tuple[str | int, ...]


class PlainLoader(yaml.SafeLoader):
    """YAML's core schema only: `no` and `2020-01-01` stay text, `12:30` and `0777` are not numbers."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML declares it so


PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"),
    list("-0123456789"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document's data, the line (from 1) of every path in it, and what is wrong with its form."""

    data: Any
    lines: dict[Path, int]
    faults: tuple[Fault, ...]

    def line(self, path: Path) -> int | None:
        """The line of a path, or of the nearest thing around it that stands in the document."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def fault(self, path: Path, message: str) -> Fault:
        """Name something wrong at a path."""
        return Fault(dotted(path), message, self.line(path))


def dotted(path: Path) -> str:
    """Write a path as people do: `collections.orders.links[0].to`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or "document"


def read_document(text: str, loader_class: type[yaml.SafeLoader] = PlainLoader) -> Document:
    """Parse a document.

    Args:
        loader_class: what scalars mean; the core schema unless a format of others says more.

    Raises:
        FaultyDataMap: it is not YAML at all; duplicate keys and aliases are faults of the document returned.
    """
    if len(text) > LONGEST_DOCUMENT:
        raise FaultyDataMap([Fault("document", f"longer than {LONGEST_DOCUMENT:,} characters")])
    loader = loader_class(text)
    try:
        node = loader.get_single_node()
        walk = _Walk(loader)
        data = walk.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise FaultyDataMap(
            [Fault("document", f"not YAML: {error.problem}", mark.line + 1 if mark else None)]
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise FaultyDataMap([Fault("document", "not YAML")]) from None
    finally:
        loader.dispose()
    return Document(data, walk.lines, tuple(walk.faults))


class _Walk:
    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.loader = loader
        self.lines: dict[Path, int] = {}
        self.faults: list[Fault] = []
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.loader.construct_object(node)
        if id(node) in self.seen:
            self.faults.append(Fault(dotted(path), "aliases (*name) are not supported", self.lines[path]))
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)  # noqa: S101  # YAML has three kinds of node
        return self.mapping(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            step = (*path, key)
            if key in found:
                self.faults.append(Fault(dotted(step), "written twice", key_node.start_mark.line + 1))
            self.lines[step] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, step)
        return found
