"""Reads the words of a notice: Markdown with variables in double braces, and nothing of HTML.

A paragraph that is one link to a page of ours becomes a button. A paragraph that begins with a condition stands only
where that holds; one of which nothing is left, since its variables are empty, is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from markdown_it.rules_inline import StateInline

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
HEADING = "# "
_LINKED = re.compile(r"\]\(\s*\{\{\s*(\w+)\s*\}\}\s*\)")
_OWN = re.compile(r"\{\{(\w+)\}\}")
_RULES = ("list", "blockquote", "heading", "emphasis", "link", "autolink", "newline", "escape")
_TAGS = {
    "strong": "strong",
    "em": "em",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "heading": "h2",
}


@dataclass(frozen=True, slots=True)
class Values:
    """What stands in the place of variables.

    Args:
        text: gives the text of a variable, to be escaped unless it is markup of ours.
        block: gives the markup of a variable that stands by itself; None for one that does not.
        holds: tells whether a condition holds; None for a variable that is none.
        address: gives the address of a link of ours; empty where it leads nowhere.
        button: writes a button, by its address and its words.
    """

    text: Callable[[str], str]
    block: Callable[[str], SafeString | None]
    holds: Callable[[str], bool | None]
    address: Callable[[str], str]
    button: Callable[[str, SafeString], SafeString]


class _Reader(MarkdownIt):
    """Markdown as far as notices need it; no link is taken that is neither ours nor https."""

    def __init__(self) -> None:
        super().__init__("zero", {"html": False, "breaks": True})
        self.enable(list(_RULES))
        self.inline.ruler.before("emphasis", "variable", _read_variable)

    def validateLink(self, url: str) -> bool:  # the library's name
        """Take our own variables, and the web in its safe form."""
        return is_link(url)

    def normalizeLink(self, url: str) -> str:  # the library's name
        """Leave our own variables as they are."""
        return url if _OWN.fullmatch(url) else super().normalizeLink(url)


def headline_and_body(text: str) -> tuple[str, str]:
    """Take the heading off the words of a notice: their first line, after `# `; empty where there is none."""
    first, _, rest = text.strip().partition("\n")
    return (first[len(HEADING) :].strip(), rest.strip()) if first.startswith(HEADING) else ("", text.strip())


def line(text: str, values: Values) -> SafeString:
    """Write one line, a subject or a heading, in which nothing is Markdown."""
    parts: list[str] = []
    end = 0
    for match in VARIABLE.finditer(text):
        parts += [conditional_escape(text[end : match.start()]), _plain(values.text(match[1]))]
        end = match.end()
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308  # escaped part by part


def body(text: str, values: Values) -> SafeString:
    """Write the words of a notice as HTML: text and values escaped, the tags those of `_TAGS`, p, br and a."""
    return mark_safe(_written(tree_of(text), values))  # noqa: S308  # escaped part by part


def tree_of(text: str) -> SyntaxTreeNode:
    """Read the Markdown of a text."""
    return SyntaxTreeNode(_reader().parse(_LINKED.sub(r"]({{\1}})", text)))


def is_link(address: str) -> bool:
    """Whether a link may lead there: one of our own variables, or the web in its safe form."""
    return bool(VARIABLE.fullmatch(address)) or address.startswith("https://")


def paragraphs_of(tree: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """List the pieces of text that stand by themselves: paragraphs and headings."""
    return [node for node in tree.walk() if node.type in {"paragraph", "heading"}]


def conditions_of(
    paragraph: SyntaxTreeNode, is_condition: Callable[[str], bool]
) -> tuple[list[str], list[SyntaxTreeNode]]:
    """Part a paragraph into the conditions that it begins with, and what it says, without white space around it."""
    parts = _trimmed([child for inline in paragraph.children for child in inline.children])
    conditions: list[str] = []
    while parts and parts[0].type == "variable" and is_condition(parts[0].content):
        conditions.append(parts[0].content)
        parts = _trimmed(parts[1:])
    return conditions, parts


def variables_in(parts: Iterable[SyntaxTreeNode]) -> list[str]:
    """Name the variables that stand in a text, without those that links lead to."""
    return [node.content for part in parts for node in part.walk() if node.type == "variable"]


def links_in(parts: Iterable[SyntaxTreeNode]) -> list[str]:
    """Name the variables that links of a text lead to."""
    links = [node for part in parts for node in part.walk() if node.type == "link"]
    return [name for link in links if (name := link_variable(link))]


def link_variable(link: SyntaxTreeNode) -> str:
    """Name the variable that a link leads to; empty where it leads elsewhere."""
    match = _OWN.fullmatch(str(link.attrs["href"]))
    return match[1] if match else ""


def _plain(value: str) -> str:
    return strip_tags(value) if isinstance(value, SafeString) else conditional_escape(value)


def _written(node: SyntaxTreeNode, values: Values) -> str:
    if node.type == "text":
        return conditional_escape(node.content)
    if node.type == "variable":
        return conditional_escape(values.text(node.content))
    if node.type in {"softbreak", "hardbreak"}:
        return "<br>"
    if node.type == "paragraph":
        return _paragraph(node, values)
    inside = _inside(node, values)
    if node.type == "link":
        return _link(node, inside, values)
    if tag := _TAGS.get(node.type):
        return f"<{tag}>{inside}</{tag}>" if inside.strip() else ""
    return inside


def _inside(node: SyntaxTreeNode, values: Values) -> str:
    return "".join(_written(child, values) for child in node.children)


def _paragraph(node: SyntaxTreeNode, values: Values) -> str:
    conditions, inside = conditions_of(node, lambda name: values.holds(name) is not None)
    if not all(map(values.holds, conditions)):
        return ""
    alone = inside[0] if len(inside) == 1 else None
    if alone is not None and alone.type == "variable" and (block := values.block(alone.content)) is not None:
        return block
    if alone is not None and alone.type == "link" and (name := link_variable(alone)):
        words = mark_safe(_inside(alone, values))  # noqa: S308  # escaped part by part
        return values.button(values.address(name), words)
    text = "".join(_written(child, values) for child in inside).strip()
    is_item = node.parent is not None and node.parent.type == "list_item"
    return text if is_item or not text else f"<p>{text}</p>\n"


def _trimmed(parts: list[SyntaxTreeNode]) -> list[SyntaxTreeNode]:
    while parts and _is_space(parts[0]):
        parts = parts[1:]
    while parts and _is_space(parts[-1]):
        parts = parts[:-1]
    return parts


def _is_space(part: SyntaxTreeNode) -> bool:
    return part.type in {"softbreak", "hardbreak"} or (part.type == "text" and not part.content.strip())


def _link(node: SyntaxTreeNode, words: str, values: Values) -> str:
    name = link_variable(node)
    address = values.address(name) if name else str(node.attrs["href"])
    return f'<a href="{conditional_escape(address)}">{words}</a>' if address else words


def _read_variable(state: StateInline, is_silent: bool) -> bool:  # the library's order
    match = VARIABLE.match(state.src, state.pos)
    if match is None:
        return False
    if not is_silent:
        state.push("variable", "", 0).content = match[1]
    state.pos = match.end()
    return True


@cache
def _reader() -> _Reader:
    return _Reader()
