"""Lays boxes out in columns and leads lines between them: layered, crossings reduced, always the same for the same.

Lines over more than one column are led through the gaps of those between, by a node without a body in each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from statistics import fmean

GAP = 26.0
LANE = 8.0
SWEEPS = 12
RELAXATIONS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """Something to be placed; `column` counts from the left and may be negative."""

    id: str
    width: float
    height: float
    column: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one box to another; the offsets say how far below their tops it begins and ends."""

    id: int
    source: str
    target: str
    source_offset: float = 0.0
    target_offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box lies."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies; `height` reaches to the lowest line as well.

    Args:
        lanes: by line, the points it is led through between its two boxes, from its left box to its right one.
    """

    places: Mapping[str, Place]
    lanes: Mapping[int, Sequence[tuple[float, float]]]
    width: float
    height: float


@dataclass(slots=True)
class _Node:
    name: str
    height: float
    column: int
    y: float = 0.0
    near: dict[int, list[tuple[_Node, float, float]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def arrange(boxes: Sequence[Box], lines: Sequence[Line], between: float) -> Layout:
    """Place boxes in their columns, near what they are linked with.

    Args:
        between: the space between two columns.
    """
    columns = sorted({box.column for box in boxes})
    position = {column: number for number, column in enumerate(columns)}
    nodes = {box.id: _Node(box.id, box.height, position[box.column]) for box in boxes}
    lanes = {line.id: _chain(line, nodes) for line in lines if line.source != line.target}
    layers: list[list[_Node]] = [[] for _ in columns]
    for node in [*nodes.values(), *(node for chain in lanes.values() for node in chain)]:
        layers[node.column].append(node)
    _order(layers)
    _settle(layers)
    return _laid_out(boxes, position, nodes, lanes, between)


def _chain(line: Line, nodes: Mapping[str, _Node]) -> list[_Node]:
    """Make a node in every column that a line crosses, and tell neighbours of one another; left to right."""
    left, right = nodes[line.source], nodes[line.target]
    offsets = [line.source_offset, line.target_offset]
    if left.column > right.column:
        left, right, offsets = right, left, offsets[::-1]
    between = [_Node(f"{line.id}", LANE, column) for column in range(left.column + 1, right.column)]
    chain = [left, *between, right]
    ports = [offsets[0], *[LANE / 2] * len(between), offsets[1]]
    if left.column != right.column:
        for (a, b), (port_a, port_b) in zip(pairwise(chain), pairwise(ports), strict=True):
            a.near[1].append((b, port_a, port_b))
            b.near[-1].append((a, port_b, port_a))
    return between


def _order(layers: list[list[_Node]]) -> None:
    """Order every column by where its neighbours stand, to and fro, so that few lines cross."""
    for layer in layers:
        _stack(layer)
    for sweep in range(SWEEPS):
        side = -1 if sweep % 2 == 0 else 1
        for layer in layers if side < 0 else layers[::-1]:
            wanted = {id(node): _pull(node, (side,)) for node in layer}
            layer.sort(key=lambda node: wanted[id(node)])
            _stack(layer)


def _stack(layer: list[_Node]) -> None:
    """Put a column's nodes one below the other, the middle of them all at 0."""
    height = sum(node.height + GAP for node in layer) - GAP
    top = -height / 2
    for node in layer:
        node.y = top
        top += node.height + GAP


def _pull(node: _Node, sides: Sequence[int]) -> float:
    """Say where the middle of a node would be if its lines were level; where it is, if it has none there."""
    wanted = [
        other.y + their_port - own_port + node.height / 2
        for side in sides
        for other, own_port, their_port in node.near[side]
    ]
    return fmean(wanted) if wanted else node.middle


def _settle(layers: list[list[_Node]]) -> None:
    """Move nodes towards where their lines are level, none over another."""
    for turn in range(RELAXATIONS):
        for layer in layers if turn % 2 == 0 else layers[::-1]:
            wanted = [_pull(node, (-1, 1)) - node.height / 2 for node in layer]
            _spread(layer, wanted)


@dataclass(slots=True)
class _Group:
    """Nodes that touch one another; `wanted` sums where each would have the group's top."""

    count: int
    length: float
    wanted: float

    @property
    def top(self) -> float:
        return self.wanted / self.count

    def take(self, below: _Group) -> None:
        self.wanted += below.wanted - below.count * self.length
        self.count += below.count
        self.length += below.length


def _spread(layer: list[_Node], wanted: list[float]) -> None:
    """Give nodes the places they want, in their order; where they would overlap, they share the shift."""
    groups: list[_Group] = []
    for node, top in zip(layer, wanted, strict=True):
        groups.append(_Group(1, node.height + GAP, top))
        while len(groups) > 1 and groups[-2].top + groups[-2].length > groups[-1].top:
            below = groups.pop()
            groups[-1].take(below)
    following = iter(layer)
    for group in groups:
        top = group.top
        for node in islice(following, group.count):
            node.y = top
            top += node.height + GAP


def _laid_out(
    boxes: Sequence[Box],
    position: Mapping[int, int],
    nodes: Mapping[str, _Node],
    lanes: Mapping[int, list[_Node]],
    between: float,
) -> Layout:
    """Turn columns into x, and move everything so that it begins at 0."""
    widths: defaultdict[int, float] = defaultdict(float)
    for box in boxes:
        column = position[box.column]
        widths[column] = max(widths[column], box.width)
    lefts = {column: sum(widths[i] + between for i in range(column)) for column in widths}
    everything = [*nodes.values(), *(node for chain in lanes.values() for node in chain)]
    top = min((node.y for node in everything), default=0.0)
    places = {
        box.id: Place(lefts[position[box.column]], nodes[box.id].y - top, widths[position[box.column]], box.height)
        for box in boxes
    }
    led = {
        number: [
            point
            for node in chain
            for point in (
                (lefts[node.column], node.middle - top),
                (lefts[node.column] + widths[node.column], node.middle - top),
            )
        ]
        for number, chain in lanes.items()
    }
    height = max((node.y + node.height - top for node in everything), default=0.0)
    width = max((place.x + place.width for place in places.values()), default=0.0)
    return Layout(places, led, width, height)
