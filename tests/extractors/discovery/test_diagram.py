import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from extractors.discovery.diagram import svg
from extractors.discovery.findings import findings
from extractors.discovery.layout import Box, Line, Place, arrange
from extractors.discovery.model import Inventory, Proposal, SeenColumn, SeenLink, SeenTable
from extractors.discovery.shown import MOST_CARDS, MOST_ROWS, Mark

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'&\x00\ud800%s"


def columns(*names: str) -> tuple[SeenColumn, ...]:
    return tuple(SeenColumn(name, "integer" if name == "id" or name.endswith("_id") else "text") for name in names)


def link(of: str, to: str, *, is_declared: bool = True, confidence: float = 1.0) -> SeenLink:
    (table, column), (to_table, to_column) = of.split("."), to.split(".")
    return SeenLink(table, (column,), to_table, (to_column,), is_declared, confidence, reason="told by a test")


SHOP = Inventory(
    "shop",
    (
        SeenTable(
            "users",
            columns("id", "email", "full_name", "password_hash", "religion", "invited_by_id"),
            ("id",),
            rows=1234,
        ),
        SeenTable("orders", columns("id", "user_id", "iban", "note", "ip_address"), ("id",)),
        SeenTable("order_lines", columns("id", "order_id", "product_id"), ("id",)),
        SeenTable("products", columns("id", "name"), ("id",)),
        SeenTable("old_leads", columns("e_mail", "remark"), is_view=True),
        SeenTable("colours", columns("id", "label"), ("id",)),
        SeenTable("sizes", columns("id", "label"), ("id",)),
    ),
    (
        link("orders.user_id", "users.id"),
        link("users.invited_by_id", "users.id"),
        link("order_lines.order_id", "orders.id", is_declared=False, confidence=0.87),
        link("order_lines.product_id", "products.id"),
    ),
)


def drawn(inventory: Inventory, proposal: Proposal | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(svg(inventory, findings(inventory), proposal))  # noqa: S314  # our own


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def cards(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    found = [element for element in root.iter(f"{SVG}g") if element.get("class") == "dsr-table"]
    titles = [(card.find(f"{SVG}title"), card) for card in found]
    return {re.split(r"[ ,]", title.text or "")[1]: card for title, card in titles if title is not None}


def test_tables_about_people_are_drawn_and_the_others_counted() -> None:
    root = drawn(SHOP)
    assert {*cards(root)} == {"users", "orders", "order_lines", "old_leads"}
    assert "3 further tables, in which nothing about people was found" in words(root)
    assert "products, colours, sizes" in words(root)
    assert "1,234" in words(root)


def test_what_was_found_is_told_by_letter_and_explained() -> None:
    root = drawn(SHOP)
    card = cards(root)["users"]
    letters = {
        group.get("class"): [text.text for text in group.iter(f"{SVG}text")]
        for group in card.iter(f"{SVG}g")
        if (group.get("class") or "").startswith("dsr-") and group is not card
    }
    assert letters["dsr-secret"] == ["K", "password_hash"]
    assert letters["dsr-special"] == ["9", "religion"]
    assert letters["dsr-others"] == ["O", "invited_by_id"]
    assert letters["dsr-contact"] == ["C", "email"]
    for mark in (Mark.SECRET, Mark.SPECIAL, Mark.OTHERS, Mark.CONTACT, Mark.MONEY, Mark.TEXT, Mark.TECHNICAL):
        assert mark.words in words(root)
    assert len({mark.letter for mark in Mark}) == len({mark.colour for mark in Mark}) == len(Mark)


def test_inferred_links_are_broken_lines_with_how_sure_they_are() -> None:
    root = drawn(SHOP)
    links = [element for element in root.iter(f"{SVG}g") if element.get("class") == "dsr-link"]
    broken = [element for element in links if element[1].get("stroke-dasharray")]
    assert len(links) == 3
    assert [element[0].text for element in broken] == [
        "order_lines.order_id points at orders (87 % sure); told by a test"
    ]
    assert "87 %" in words(root)


def test_it_is_told_in_words_too() -> None:
    root = drawn(SHOP)
    told = root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert told is not None
    assert "7 tables, 4 of them shown. tables of people: users" in (told.text or "")
    assert root.get("aria-labelledby") == "dsr-diagram-title dsr-diagram-told"


def test_it_needs_nothing_that_a_strict_policy_forbids() -> None:
    drawing = svg(SHOP, findings(SHOP))
    for forbidden in ("<script", "<style", " style=", "href", "url(", "onload", "<foreignObject", "@import"):
        assert forbidden not in drawing


def test_the_same_source_gives_the_same_drawing() -> None:
    assert svg(SHOP, findings(SHOP)) == svg(replace(SHOP), dict(findings(SHOP)))


@pytest.mark.parametrize("place", ["table", "column", "source"])
def test_hostile_names_are_only_names(place: str) -> None:
    table = SeenTable(HOSTILE if place == "table" else "people", columns("id", "email", "phone"), ("id",))
    if place == "column":
        table = replace(table, columns=(*table.columns, SeenColumn(f"email {HOSTILE}", "text")))
    inventory = Inventory(HOSTILE if place == "source" else "x", (table,))
    root = drawn(inventory)
    assert not list(root.iter(f"{SVG}script"))
    assert any("</text><script>" in (element.text or "") for element in root.iter())


def test_tables_that_the_proposed_map_leaves_out_have_a_broken_border() -> None:
    proposal = Proposal({"collections": {"customers": {"table": "users"}, "orders": {}}}, SHOP, findings(SHOP), ())
    root = drawn(SHOP, proposal)
    broken = {
        name for name, card in cards(root).items() if any(e.get("stroke-dasharray") for e in card.iter(f"{SVG}rect"))
    }
    assert broken == {"order_lines", "old_leads"}
    assert "Not in the proposed data map" in words(root)


def test_a_table_of_very_many_columns_says_how_many_more_it_has() -> None:
    table = SeenTable("users", columns("id", *(f"email_{number}" for number in range(40))), ("id",))
    root = drawn(Inventory("x", (table,)))
    assert f"and {41 - MOST_ROWS + 1} more" in words(root)
    assert "id" in words(root)


def test_an_empty_source_is_drawn_too() -> None:
    assert drawn(Inventory("empty", ())).get("width")
    assert "2 further tables, in which nothing about people was found" in words(
        drawn(Inventory("x", tuple(SeenTable(name, columns("id", "label")) for name in ("colours", "sizes"))))
    )


def test_no_two_tables_overlap_and_all_are_within_the_drawing() -> None:
    tables = [SeenTable("users", columns("id", "email", "name"), ("id",))]
    links = []
    for number in range(40):
        name = f"activity_{number}"
        tables.append(SeenTable(name, columns("id", "user_id", "ip_address", *["comment"] * (number % 3)), ("id",)))
        links.append(link(f"{name}.user_id", "users.id"))
        if number % 4 == 3:
            tables.append(SeenTable(f"detail_{number}", columns("id", "parent_id", "note", "email"), ("id",)))
            links.append(link(f"detail_{number}.parent_id", f"{name}.id"))
    root = drawn(Inventory("large", tuple(tables), tuple(links)))
    places = [_place(card) for card in cards(root).values()]
    assert len(places) == 51
    for index, place in enumerate(places):
        assert place.x >= 0
        assert place.x + place.width <= float(root.get("width", 0))
        assert place.y + place.height <= float(root.get("height", 0))
        assert not any(_overlap(place, other) for other in places[index + 1 :])
    assert float(root.get("height", 0)) < 3_000


def _place(card: ElementTree.Element) -> Place:
    x, y = (float(part) for part in re.findall(r"-?[\d.]+", card.get("transform", "")))
    ground = card.find(f"{SVG}rect")
    assert ground is not None
    return Place(x, y, float(ground.get("width", 0)), float(ground.get("height", 0)))


def _overlap(one: Place, other: Place) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    above = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (beside or above)


def test_lines_that_could_run_side_by_side_do_not_cross() -> None:
    boxes = [Box(f"a{n}", 10, 10, 0) for n in range(6)] + [Box(f"b{n}", 10, 10, 1) for n in range(6)]
    lines = [Line(n, f"a{n}", f"b{(n * 5 + 2) % 6}") for n in range(6)]
    places = arrange(boxes, lines, 50).places
    left = sorted(range(6), key=lambda n: places[f"a{n}"].y)
    right = sorted(range(6), key=lambda n: places[f"b{(n * 5 + 2) % 6}"].y)
    assert left == right


def test_a_line_over_a_column_is_led_through_a_gap() -> None:
    boxes = [Box("a", 10, 30, 0), *(Box(f"b{n}", 10, 30, 1) for n in range(5)), Box("c", 10, 30, 2)]
    layout = arrange(boxes, [Line(0, "c", "a")], 50)
    (_, y), (_, same) = layout.lanes[0]
    assert y == same
    assert not any(place.y <= y <= place.y + place.height for name, place in layout.places.items() if name[0] == "b")


def test_hundreds_of_tables_are_drawn_quickly_and_the_furthest_are_only_counted() -> None:
    tables = [SeenTable("users", columns("id", "email", "name"), ("id",))]
    links = []
    for number in range(1, 400):
        tables.append(SeenTable(f"orders_{number}", columns("id", "a_id", "b_id", "ip_address"), ("id",)))
        links.append(link(f"orders_{number}.a_id", "users.id" if number < 60 else f"orders_{number // 3}.id"))
        links.append(link(f"orders_{number}.b_id", f"orders_{max(1, number // 2)}.id"))
    inventory = Inventory("huge", tuple(tables), tuple(links))
    found = findings(inventory)
    started = time.process_time()
    root = ElementTree.fromstring(svg(inventory, found))  # noqa: S314  # our own
    assert time.process_time() - started < 2
    assert {*cards(root)} >= {"users", "orders_1", "orders_59"}
    assert len(cards(root)) == MOST_CARDS
    assert f"{400 - MOST_CARDS} further tables, that are further from people" in words(root)
