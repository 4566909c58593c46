"""Words of notices as HTML: what of Markdown is taken, and what values can do."""

from __future__ import annotations

import pytest
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from requests_app.letters import markup
from requests_app.letters.markup import Values

TOLD = {"name": "Ann <b>*x*</b>", "empty": "", "yes": "yes", "no": ""}
VALUES = Values(
    text=TOLD.__getitem__,
    block=lambda name: mark_safe("<table></table>") if name == "table" else None,
    holds=lambda name: bool(TOLD[name]) if name in {"yes", "no"} else None,
    address=lambda name: "https://portal.test/?a=1&b=2" if name == "link" else "",
    button=lambda address, words: mark_safe(f"[{address}|{words}]"),  # noqa: S308  # a test
)


def written(text: str) -> str:
    return " ".join(markup.body(text, VALUES).split())


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Dear **{{ name }}**,", "<p>Dear <strong>Ann &lt;b&gt;*x*&lt;/b&gt;</strong>,</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p> <p>three</p>"),
        ("- one\n- *two*", "<ul><li>one</li><li><em>two</em></li></ul>"),
        ("1. one", "<ol><li>one</li></ol>"),
        ("> said", "<blockquote><p>said</p> </blockquote>"),
        ("## Why", "<h2>Why</h2>"),
        ("<b>x</b> & {x}", "<p>&lt;b&gt;x&lt;/b&gt; &amp; {x}</p>"),
        ("{{ table }}", "<table></table>"),
        ("a {{ empty }}\n\n{{ empty }}\n\n- {{ empty }}", "<p>a</p>"),
        (
            "{{ yes }} here\n\n{{ no }} not\n\n{{ yes }} {{ no }} not\n\n{{ yes }}\n{{ table }}",
            "<p>here</p> <table></table>",
        ),
        ("[go]( {{  link }} )", "[https://portal.test/?a=1&b=2|go]"),
        ("{{ yes }} [go]({{ link }})", "[https://portal.test/?a=1&b=2|go]"),
        ("[go]({{ link }}) now", '<p><a href="https://portal.test/?a=1&amp;b=2">go</a> now</p>'),
        ("[go]({{ nowhere }}) now", "<p>go now</p>"),
        ("[go](https://a.test/x)", '<p><a href="https://a.test/x">go</a></p>'),
        ("[go](javascript:alert(1))", "<p>[go](javascript:alert(1))</p>"),
        ("[go](http://a.test)", "<p>[go](http://a.test)</p>"),
        ("<https://a.test>", '<p><a href="https://a.test">https://a.test</a></p>'),
        ("    no code", "<p>no code</p>"),
        ("---", "<p>---</p>"),
    ],
)
def test_words_become_what_notices_are_made_of(text, html):
    assert written(text) == html


def test_a_subject_is_plain():
    assert markup.line("*a* {{ name }} & <b>", VALUES) == "*a* Ann &lt;b&gt;*x*&lt;/b&gt; &amp; &lt;b&gt;"


def test_a_variable_that_nobody_knows_is_an_error_and_no_empty_place():
    with pytest.raises(KeyError):
        written("{{ unknown }}")


def test_the_heading_is_the_first_line():
    assert markup.headline_and_body("# Done\n\nText") == ("Done", "Text")
    assert markup.headline_and_body("Text\n\n# Late") == ("", "Text\n\n# Late")


@given(st.text(alphabet="ab {}[]()<>*_#->\n\\!`&\"'/:=1.", max_size=60))
def test_nothing_typed_becomes_markup_of_another_kind(text):
    try:
        html = markup.body(text, VALUES)
    except KeyError:
        return
    tree = etree.fromstring(f"<div>{html}</div>".encode(), etree.HTMLParser())
    known = {"html", "body", "div", "p", "br", "ul", "ol", "li", "strong", "em", "a", "blockquote", "h2"}
    assert {element.tag for element in tree.iter(etree.Element)} <= known
    addresses = [element.get("href", "https:") for element in tree.iter("a")]
    assert all(address.startswith("https:") for address in addresses)
