from __future__ import annotations

from requests_app.formats import all_formats, in_order


def test_formats_stand_as_they_are_offered_whatever_the_order_they_were_chosen_in():
    assert in_order(["xml", "json", "pdf", "json", "gone"]) == ("pdf", "json", "xml")
    assert in_order(reversed([item.slug for item in all_formats()])) == tuple(item.slug for item in all_formats())
