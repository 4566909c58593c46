"""The name of a file is kept as far as it does no harm."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.uploads.naming import LONGEST_NAME, cleaned_name, suffix_of

NAMES = {
    "Letter of Ann.pdf": "Letter of Ann.pdf",
    "Größe Ömer 证件.pdf": "Größe Ömer 证件.pdf",
    "../../etc/passwd.txt": "passwd.txt",
    "C:\\Users\\Ann\\scan.pdf": "scan.pdf",
    "/absolute.pdf": "absolute.pdf",
    'a"b<c>d|e?f*g:h.pdf': "a_b_c_d_e_f_g_h.pdf",
    "<img src=x onerror=alert(1)>.png": "_img src=x onerror=alert(1)_.png",
    "gpj\u202eexe.pdf": "gpjexe.pdf",
    "zero\x00byte.pdf": "zerobyte.pdf",
    "line\r\nSet-Cookie: a=b.pdf": "line Set-Cookie_ a=b.pdf",
    "  many   spaces .pdf": "many spaces.pdf",
    ".hidden.pdf": "hidden.pdf",
    "CON.pdf": "_CON.pdf",
    "lpt1.scan.pdf": "_lpt1.scan.pdf",
    "trailing.pdf. . ": "trailing.pdf",
    ".pdf": "pdf",
    "": "file",
    "...": "file",
}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_made_harmless(name):
    assert cleaned_name(name) == NAMES[name]


def test_a_long_name_is_cut_before_its_end():
    cleaned = cleaned_name("a" * 500 + ".pdf")
    assert (len(cleaned), suffix_of(cleaned)) == (LONGEST_NAME, "pdf")
    assert len(cleaned_name("a." + "b" * 500)) <= LONGEST_NAME


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_can_be_shown_and_stored(name):
    cleaned = cleaned_name(name)
    assert 0 < len(cleaned) <= LONGEST_NAME + 1
    assert not set(cleaned) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(letter)[0] == "C" for letter in cleaned)
    assert cleaned_name(cleaned) == cleaned
