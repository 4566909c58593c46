from __future__ import annotations

import pytest

from requests_app.letters.plain import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One\n   and  more</p>\n<p>Two</p>", "One and more\n\nTwo\n"),
        ("<p>Line<br>and line</p>", "Line\nand line\n"),
        ("<p>A &lt;b&gt; &amp; c</p>", "A <b> & c\n"),
        ("<p><strong>Loud</strong> and <em>soft</em>.</p>", "Loud and soft.\n"),
        ("<p>All:</p><ul><li>one</li> <li>two<br>lines</li></ul><p>End</p>", "All:\n\n- one\n- two\n  lines\n\nEnd\n"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two\n"),
        ("<blockquote><p>One</p>\n\n<p>Two</p></blockquote>", "One\n\nTwo\n"),
        ('<p class="button"><a href="https://x.test/c/1">Go</a></p>', "Go:\nhttps://x.test/c/1\n"),
        ('<p class="button"><a>Go</a></p>', "Go\n"),
        ('<p class="copy">Or<br><a href="https://x.test/">https://x.test/</a></p><p>End</p>', "End\n"),
        ('<p>See <a href="https://x.test/">the page</a>.</p>', "See the page.\nthe page: https://x.test/\n"),
        ('<p>Write to <a href="mailto:a@x.test">a@x.test</a>.</p>', "Write to a@x.test.\n"),
        ("<p>End</p><hr><p>Shop<br>Road</p><p>More</p>", "End\n\n-- \nShop\nRoad\n\nMore\n"),
        (
            "<table><tr><th>Size</th><td>3 MB</td></tr><tr><th>Until</th><td>May<br>June</td></tr></table>",
            "Size:  3 MB\nUntil: May\n       June\n",
        ),
        ("<p> </p><p></p>", "\n"),
    ],
)
def test_the_text_says_what_the_markup_shows(markup, text):
    assert plain_text(markup) == text


def test_what_has_no_text_is_not_dropped_in_silence():
    with pytest.raises(ValueError, match="the tag img"):
        plain_text('<p><img src="x"></p>')
