from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html

from exporters.base import Answer
from exporters.registry import find
from extractors.batches import Field, Information, Kind, Omission
from tests.exporters.factories import a_collection_answer, a_source, an_answer, comparable, written
from tests.exporters.formats.test_xml import plain

if TYPE_CHECKING:
    from playwright.sync_api import Page

PARSER = html.HTMLParser(encoding="utf-8", huge_tree=True)
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def read(answer: Answer, files: dict[str, bytes]) -> dict[tuple[str, str], list[list[object]]]:
    pages = {path: html.document_fromstring(content, parser=PARSER) for path, content in files.items()}
    sections = iter(pages["index.html"].xpath("//main/section[@class='collection']"))
    found = {}
    for source in answer.sources:
        for item in source.collections:
            section = next(sections)
            own = [pages[link.get("href")] for link in section.xpath(".//ul[@class='pages']//a")]
            records = [record for root in (own or [section]) for record in records_of(root)]
            fields = item.collection.fields
            found[source.source.slug, item.collection.name] = [
                [value(cell, field.kind) for cell, field in zip(record, fields, strict=True)] for record in records
            ]
    return found


def records_of(root):
    for record in root.xpath(".//tbody[@class='records']/tr"):
        yield record.xpath("./td")
    for card in root.xpath(".//article[@class='card']"):
        yield card.xpath("./dl/div/dd")


def value(cell, kind):
    if cell.get("class") == "none":
        return None
    if kind is Kind.JSON:
        held = json_of(cell)
        return None if held is None else ("json", held)
    if pictures := cell.xpath("./img"):
        return b64decode(pictures[0].get("src").partition("base64,")[2])
    if exact := cell.xpath("./data/@value | ./time/@datetime"):
        text = plain(exact[0])
    elif whole := cell.xpath("./details/div | ./details/code"):
        text = plain("".join(whole[0].itertext()))
    else:
        text = plain("".join(cell.itertext()))
    readers = {
        Kind.INTEGER: int,
        Kind.BOOLEAN: lambda text: {"true": True, "false": False}[text],
        Kind.BINARY: lambda text: b64decode(text, validate=True),
    }
    return comparable(readers.get(kind, str)(text), kind)


def json_of(holder):
    (element,) = holder
    if element.tag == "code":
        return json.loads(plain(element.text), parse_float=Decimal)
    if element.tag == "dl":
        names = [plain("".join(name.itertext())) for name in element.xpath("./dt")]
        return dict(zip(names, map(json_of, element.xpath("./dd")), strict=True))
    if element.tag == "ol":
        return [json_of(entry) for entry in element.xpath("./li")]
    if element.tag == "span":
        return plain("".join(element.itertext()))
    return json.loads(element.get("value"), parse_float=Decimal)


def index(answer: Answer) -> html.HtmlElement:
    return html.document_fromstring(written(find("html"), answer)["index.html"], parser=PARSER)


def words(element: html.HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def test_the_first_page_says_whose_data_it_is_and_what_is_missing():
    information = Information(("Shipping",), (), ("Carrier",), "Ten years", "You")
    item = a_collection_answer({"id": (Kind.INTEGER, [1])}, information=information)
    page = index(an_answer(item, omissions=[Omission("shop", "orders", "only the newest 5", cut=True)]))
    assert words(page.find(".//h1")) == "Your data at Example Ltd"
    assert "DSR-2024-0001" in words(page.find(".//header"))
    assert "Orders: only the newest 5" in words(page)
    assert "With gaps 1 record in 1 collection. Not everything is in this answer" in words(page)
    told = page.xpath("//section[@aria-labelledby='information']//dl[@class='told']/div[1]")[0]
    assert words(told).startswith("Why it is used Art. 15(1)(a)Shipping")


def test_tables_of_the_same_name_in_two_systems_are_told_apart_by_those_who_hear_them():
    columns = {"id": (Kind.INTEGER, list(range(9)))}
    sources = (a_source(), a_source("blog", "Blog"))
    page = index(an_answer(*(a_collection_answer(columns, source=source) for source in sources)))
    tables = [label for label in page.xpath("//*[@role='region']/@aria-label") if "table" in label]
    assert tables == ["Orders, table of Web shop", "Orders, table of Blog"]


def test_an_answer_without_data_says_so_plainly():
    assert "Nothing held We searched, and hold no data about you." in words(index(an_answer()))


def test_values_are_told_in_words_beside_the_exact_ones():
    columns = {
        "at": (Kind.TIMESTAMP, ["2024-02-29T12:30:59.5Z"] * 5),
        "flag": (Kind.BOOLEAN, [True] * 5),
        "state": (Kind.TEXT, ["A"] * 5),
        "photo": (Kind.BINARY, [PICTURE] * 5),
    }
    fields = tuple(
        Field(name, kind, codes={"A": "active"} if name == "state" else {}) for name, (kind, _) in columns.items()
    )
    page = index(an_answer(a_collection_answer(columns, fields=fields)))
    cells = page.xpath("//tbody[@class='records']/tr[1]/td")
    assert [words(cell) for cell in cells[:3]] == ["2024-02-29 12:30:59 UTC", "Yes", "A (active)"]
    assert cells[0].find("time").get("datetime") == "2024-02-29T12:30:59.5Z"
    assert cells[3].find("img").get("src").startswith("data:image/png;base64,")


def test_many_records_are_cut_into_pages_that_lead_to_one_another():
    files = written(find("html"), an_answer(a_collection_answer({"id": (Kind.INTEGER, range(1200))}, batch_rows=70)))
    assert list(files) == ["index.html", "orders-1.html", "orders-2.html", "orders-3.html"]
    second = html.document_fromstring(files["orders-2.html"], parser=PARSER)
    assert "Records 501 to 1,000 of 1,200" in words(second)
    assert second.xpath("//nav[1]//a/@href") == ["orders-1.html", "orders-3.html"]
    assert len(second.xpath("//tbody[@class='records']/tr")) == 500


def test_a_page_among_many_links_those_near_it_and_the_first_page_links_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("exporters.formats.html._PAGE_RECORDS", 10)
    files = written(find("html"), an_answer(a_collection_answer({"id": (Kind.INTEGER, range(1000))}, batch_rows=70)))
    page = html.document_fromstring(files["orders-50.html"], parser=PARSER)
    linked = [words(entry) for entry in page.xpath("//nav[1]//li")]
    assert linked == ["1", "…", "46", "47", "48", "49", "50", "51", "52", "53", "54", "…", "100"]
    assert [words(row.find("td")) for row in page.xpath("//tbody[@class='records']/tr")] == [*map(str, range(490, 500))]
    first = html.document_fromstring(files["index.html"], parser=PARSER)
    assert len(first.xpath("//ul[@class='pages']//a")) == 100


def test_records_of_many_fields_are_cards():
    columns = {f"field_{number}": (Kind.INTEGER, [number] * 9) for number in range(13)}
    page = index(an_answer(a_collection_answer(columns)))
    assert [words(card.find("h4")) for card in page.xpath("//article")][:2] == ["Record 1", "Record 2"]


def report(answer: Answer, folder: Path) -> str:
    for path, content in written(find("html"), answer).items():
        (folder / path).write_bytes(content)
    return (folder / "index.html").as_uri()


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def full_answer() -> Answer:
    information = Information(("Shipping",), ("contact",), ("Carrier",), "Ten years", "You", "None", "None")
    source = replace(a_source(label="Web shop"), information=information)
    orders = a_collection_answer(
        {
            "id": (Kind.INTEGER, range(30)),
            "note": (Kind.TEXT, [HOSTILE, "שלום", "x" * 3000] * 10),
            "placed_at": (Kind.TIMESTAMP, ["2024-02-29T12:30:59Z"] * 30),
            "items": (Kind.JSON, ['{"a": [1, {"b": "' + "c" * 9 + '"}]}'] * 30),
        },
        source=source,
    )
    account = a_collection_answer(
        {"name": (Kind.TEXT, ["Ann"]), "photo": (Kind.BINARY, [PICTURE])},
        source=source,
        name="account",
        label="Your account",
    )
    many = a_collection_answer({"id": (Kind.INTEGER, range(700))}, source=source, name="visits", label="Visits")
    none = a_collection_answer({"id": (Kind.INTEGER, [])}, source=source, name="letters", label="Letters")
    return an_answer(account, orders, many, none, omissions=[Omission("shop", None, HOSTILE, cut=True)])


def test_chromium_runs_nothing_hostile_and_asks_no_network(page: Page, full_answer: Answer, tmp_path: Path):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda _: pytest.fail("a script of the data ran"))
    page.goto(report(full_answer, tmp_path))
    page.get_by_label("Find in the records").fill("שלום")
    assert page.locator("tbody.records > tr:visible").count() == 10
    assert re.match("10 of 3[0-9] records", page.locator("output").inner_text())
    page.get_by_role("link", name="Visits").click()
    assert page.locator("tbody.records > tr").count() == 500
    page.get_by_role("link", name="2", exact=True).first.click()
    assert "501 to 700" in page.locator("header").inner_text()
    assert all(url.startswith(("file:", "data:")) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_has_no_fault_of_accessibility(page: Page, full_answer: Answer, tmp_path: Path, scheme: str):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.goto(report(full_answer, tmp_path))
    violations = Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"]) for item in violations] == []
