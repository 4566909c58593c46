from __future__ import annotations

import pytest

from exporters.filenames import FileNames


@pytest.mark.parametrize("name", ["orders", "public.orders", "Bestellungen-2024", "заказы", "ऑर्डर", "with space"])
def test_ordinary_names_stay(name: str):
    assert FileNames().give(name, ".csv") == f"{name}.csv"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("../x", "_x"),
        ("a/b\\c", "a_b_c"),
        ("CON", "_CON"),
        ("nul.tar", "_nul.tar"),
        ("", "_"),
        ("..", "_"),
        ("📦", "_"),
    ],
)
def test_dangerous_names_are_made_harmless(name: str, given: str):
    assert FileNames().give(name) == given


def test_names_that_some_system_holds_to_be_one_get_numbers():
    names = FileNames("summary.csv")
    given = [names.give(name, ".csv") for name in ("Summary", "a", "A", "a-2", "e\u0301", "é", "Straße", "STRASSE")]
    assert given == [
        *("Summary-2.csv", "a.csv", "A-2.csv", "a-2-2.csv", "é.csv", "é-2.csv", "Straße.csv", "STRASSE-2.csv"),
    ]


def test_long_names_are_cut_between_characters():
    assert FileNames().give("a" + "ж" * 300) == "a" + "ж" * 89
