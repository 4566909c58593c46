from __future__ import annotations

import subprocess
import sys

import pytest

from exporters.registry import UnknownFormat, find, slugs


def test_the_formats_are_found_by_their_modules():
    assert {"csv", "json"} <= set(slugs())
    assert [find(slug).slug for slug in slugs()] == list(slugs())


def test_an_unknown_format_is_refused_with_the_ones_there_are():
    with pytest.raises(UnknownFormat, match="no format 'docx'; there are csv, html, json, pdf, xlsx, xml"):
        find("docx")


def test_listing_the_formats_loads_none_of_the_slow_libraries():
    program = "import sys, exporters.registry as r; r.slugs(); print({'polars', 'pyarrow'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout == "set()\n"
