from __future__ import annotations

import pytest

from exporters.opening.omitted import omitted
from extractors.batches import Cause, Omission


@pytest.mark.parametrize(
    ("cause", "reason", "told"),
    [
        (Cause.SECRET, "secret, never leaves the source: api_key, password_hash", "Api key, Password hash"),
        (Cause.SECRET, "parts withheld inside settings ($.a.token, $.b), details ($.c)", "parts of Settings, Details"),
        (Cause.THIRD_PARTY, "about other people, withheld (GDPR Art. 15(4)): invited_by", "Invited by"),
        (Cause.THIRD_PARTY, "said otherwise by another package", "said otherwise by another package"),
        (Cause.LIMIT, "Orders: only the newest 5 of 9 records", "Orders: only the newest 5 of 9 records"),
        (None, "secret, never leaves the source: x", "secret, never leaves the source: x"),
    ],
)
def test_fields_left_out_are_named_in_words(cause, reason, told):
    assert omitted(Omission("shop", "customers", reason, cause=cause)) == told
