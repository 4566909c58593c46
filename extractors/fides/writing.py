"""Writes a data map as YAML that is good to read, the same for the same map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from extractors.datamap.document import PlainLoader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """Quotes what data maps, or YAML 1.1, would take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out: data maps know no aliases."""
        return True


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Escape what YAML would take for the end of a line."""
    style = '"' if LINE_ENDS.intersection(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represented)
for _first, _resolvers in PlainLoader.yaml_implicit_resolvers.items():
    for _tag, _pattern in _resolvers:
        _Dumper.add_implicit_resolver(_tag, _pattern, [_first])


def write_map(content: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """Write a map, with comments above it."""
    lines = [f"# {_plain(comment)}".rstrip() for comment in comments]
    return "\n".join([*lines, *_entries(content, "")]) + "\n"


def _entries(content: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in content.items():
        if key == "collections":
            yield f"{indent}{key}:"
            for name, part in value.items():
                yield f"{indent}  {_flow(name)}:"
                yield from _entries(part, f"{indent}    ")
        elif key == "links":
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {_flow(link)}" for link in value)
        elif key in ("fields", "information"):
            yield f"{indent}{key}:"
            yield from (f"{indent}  {_flow(name)}: {_flow(part)}" for name, part in value.items())
        else:
            yield f"{indent}{key}: {_flow(value)}"


def _flow(value: Any) -> str:
    """Write a value on one line."""
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=True, width=2**30, allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("...").removesuffix("\n")


def _plain(comment: str) -> str:
    """Keep a comment on its line, whatever it quotes."""
    return " ".join("".join(c if c.isprintable() else " " for c in comment).split())
