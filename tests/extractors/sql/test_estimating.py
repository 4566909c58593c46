"""How many rows an extract will give is known soon, or not at all."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from extractors.base import Scope
from tests.extractors.sql.sources import ANN, run, source

if TYPE_CHECKING:
    from extractors.base import Extractor

USER = {"identifiers": {"user_id": "u"}}
ENDLESS = """
CREATE VIEW endless AS
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) SELECT i AS u FROM n"""


@pytest.fixture
def with_endless(database_url: str) -> Extractor:
    run(database_url, "CREATE TABLE t (u int)", "INSERT INTO t VALUES (1), (1), (2)", ENDLESS)
    return source(database_url, before={**USER, "table": "t"}, endless=USER, after={**USER, "table": "t"})


def test_a_collection_that_takes_long_to_count_is_left_out_and_the_others_are_not(with_endless: Extractor) -> None:
    begun_at = monotonic()
    assert with_endless.estimate(ANN, Scope.ALL, seconds=0.6) == {"before": 2, "after": 2}
    assert monotonic() - begun_at < 5


def test_a_limit_bounds_the_estimate_of_self_service_alone(database_url: str) -> None:
    run(database_url, "CREATE TABLE t (u int, id int PRIMARY KEY)", "INSERT INTO t VALUES (1, 1), (1, 2), (1, 3)")
    limited = source(database_url, t={**USER, "limit": 2, "order_by": "id"})
    assert limited.estimate(ANN, Scope.ALL, seconds=5) == {"t": 3}
    assert limited.estimate(ANN, Scope.SELF_SERVICE, seconds=5) == {"t": 2}
