from __future__ import annotations

import pytest

from exporters.certificate.words import ground


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("17(3)(b): tax records", "GDPR Art. 17(3)(b): tax records"),
        ("1 record: also used by others (invoices.address_id)", "Also used by others"),
        ("2,400 records: held by other rows", "Held by other rows"),
        ("not personal, never changed", "Not personal, never changed"),
        ("17 Abs. 3 lit. b: Aufbewahrungspflicht", "17 Abs. 3 lit. b: Aufbewahrungspflicht"),
        ("GDPR Art. 17(3)(b)", "GDPR Art. 17(3)(b)"),
        ("", ""),
    ],
)
def test_a_ground_is_told_in_words_for_people(reason, told):
    assert ground(reason) == told
