"""Lists as spreadsheets write them."""

from __future__ import annotations

import pytest

from requests_app.importing.lists import LONGEST_CELL, UnusableList, look_at, rows


def read(content: bytes, size: int = 7, **known: str) -> list[tuple[int, tuple[str, ...]]]:
    """Read a list given in small chunks, so that letters and lines are cut."""

    def chunks() -> list[bytes]:
        return [content[start : start + size] for start in range(0, len(content), size)]

    return [(row.number, row.cells) for row in rows(chunks(), look_at(chunks, **known))]


TEXT = "Name;Right\r\nJörg Müller;Löschung\r\nÅsa Öberg;Auskunft\r\n"
ROWS = [(1, ("Name", "Right")), (2, ("Jörg Müller", "Löschung")), (3, ("Åsa Öberg", "Auskunft"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_a_list_is_read_whichever_letters_and_signs_it_is_written_in(encoding, separator):
    assert read(TEXT.replace(";", separator).encode(encoding)) == ROWS


OTHERS = {
    "cp1250": ["Název;Právo", "Žofie Šťastná;výmaz", "Řehoř Dvořák;přístup k údajům", "Jiří Němec;oprava údajů"],
    "cp1251": ["Имя;Право", "Иван Петров;доступ к данным", "Мария Иванова;удаление данных", "Пётр Сидоров;доступ"],
    "cp1253": ["Όνομα;Δικαίωμα", "Γιώργος Παπαδόπουλος;διαγραφή", "Μαρία Νικολάου;πρόσβαση"],
}


@pytest.mark.parametrize("encoding", OTHERS)
def test_other_letters_are_guessed_from_the_text(encoding):
    lines = OTHERS[encoding]
    assert [";".join(cells) for _, cells in read("\r\n".join(lines).encode(encoding))] == lines


def test_letters_that_were_guessed_wrong_can_be_named():
    content = "Name;Right\r\nŞükrü Yıldız;access\r\n".encode("cp1254")
    assert read(content, encoding="cp1254")[1] == (2, ("Şükrü Yıldız", "access"))


def test_letters_outside_of_ascii_may_come_late():
    content = b"Name;Right\n" + b"Ann Example;access\n" * 40_000 + "Jörg;Löschung\n".encode("cp1252")
    assert read(content, size=65536)[-1] == (40_002, ("Jörg", "Löschung"))


def test_the_hint_of_excel_at_the_separator_is_taken():
    assert read(b'sep=;\r\n"a,b,c";d\r\n1;2\r\n') == [(1, ("a,b,c", "d")), (2, ("1", "2"))]


def test_empty_rows_are_left_out_and_counted_as_a_spreadsheet_does():
    assert [number for number, _ in read(b"a,b\n\n , \n1,2\n\n3,4\n")] == [1, 4, 6]


def test_a_cell_may_hold_separators_quotation_marks_and_line_breaks():
    assert read(b'a,b\n"1, ""two""\r\nthree",4\n')[1] == (2, ('1, "two"\nthree', "4"))


def test_accents_are_composed():
    assert read("Name;x\nJo\u0308rg;1\n".encode())[1][1][0] == "Jörg"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"PK\x03\x04 and so on", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0 and so on", "save it as CSV"),
        (b"%PDF-1.7", "save it as CSV"),
        (b"a,b\n1,\x00\x00\n", "is no text"),
    ],
    ids=["nothing", "blank", "xlsx", "xls", "pdf", "binary"],
)
def test_what_is_no_list_is_refused_with_a_word_on_what_to_do(content, told):
    with pytest.raises(UnusableList, match=told):
        read(content)


@pytest.mark.parametrize(
    "content",
    [b'a,b\n1,"never closed\n' + b"2,3\n" * 50_000, b"a,b\n" + b"x" * (LONGEST_CELL + 1), b"a\n" + b"," * 300],
    ids=["quotation", "cell", "cells"],
)
def test_a_quotation_that_never_ends_is_refused_and_not_held(content):
    with pytest.raises(UnusableList, match="Row 2 has a cell that is too long"):
        read(content, size=65536)
