"""What a driver raises becomes one plain sentence."""

from __future__ import annotations

import pytest

from extractors.sql.failures import described, state_of


@pytest.mark.parametrize(
    ("number", "said"),
    [(1137, "MariaDB can"), (1451, "foreign key"), (1062, "unique"), (999, "refused a statement")],
)
def test_what_cannot_be_changed_is_told_for_good_and_why(number: int, said: str) -> None:
    error = described("shop", state_of(number), was_connected=True, is_writing=True)
    assert said in str(error)
    assert error.permanent


def test_what_passes_is_not_for_good() -> None:
    assert not described("shop", state_of(1213), was_connected=True, is_writing=True).permanent
