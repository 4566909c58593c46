"""Asking the register whose data must not be used: 1,000 identifiers in one call, of 5,000,000 entries."""

from __future__ import annotations

import http.client
import json
import statistics
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.report import Figure
from tests.live.portal import running_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.portal import Portal
    from tests.servers import PostgresServer

ENTRIES, ASKED, ROUNDS = 5_000_000, 1_000, 15

PREPARE = """
from django.db import connection
from requests_app import audit
from requests_app.keys.stored import create_key
from requests_app.models import ServiceToken, SubjectRequest, Suppression
from requests_app.suppression import register, tokens
request = SubjectRequest.objects.create(right="objection", status="verified", name="Bench",
    email="bench@example.test", key=create_key())
known = [("email", f"person{{number}}@example.test") for number in range({asked})]
register.enter(request, known, Suppression.Scope.MARKETING, actor=audit.SYSTEM)
key = Suppression.objects.first().key_id
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO requests_app_suppression (scope, hash, key_id, since)"
        " SELECT 'marketing', encode(sha256(n::text::bytea), 'hex'), %s, now() FROM generate_series(1, {entries}) n",
        [key],
    )
    cursor.execute("VACUUM ANALYZE requests_app_suppression")
print(tokens.mint("Bench", ServiceToken.Ability.SUPPRESSIONS, actor=audit.SYSTEM))
"""


def measure(server: PostgresServer, folder: Path) -> Iterator[Figure]:
    """Measure over HTTP with the real web server, half of those asked for standing in the register."""
    home = folder / "suppressions"
    home.mkdir()
    url = server.create_database("suppressions")
    with running_portal(home, url, programs=("web",), is_watched=False) as portal:
        token = portal.shell(PREPARE.format(asked=ASKED // 2, entries=ENTRIES)).strip()
        identifiers = [{"kind": "email", "value": f"Person{number}@example.test"} for number in range(ASKED)]
        body = json.dumps({"identifiers": identifiers}).encode()
        times = [_asked(portal, token, body) for _ in range(ROUNDS)][1:]
    what = f"Suppression check: {ASKED:,} identifiers of {ENTRIES:,} entries"
    raw = f"{min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms over HTTP, {ROUNDS - 1} calls"
    yield Figure(what, f"{statistics.median(times) * 1000:.0f} ms", "< 50 ms", raw)


def _asked(portal: Portal, token: str, body: bytes) -> float:
    connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    begun = time.perf_counter()
    connection.request("POST", "/api/v1/suppressions/check", body, headers)
    results = json.load(connection.getresponse())["results"]
    seconds = time.perf_counter() - begun
    connection.close()
    if [item["suppressed"] for item in results] != [number < ASKED // 2 for number in range(ASKED)]:
        raise RuntimeError("Nothing was measured: the answer is wrong.")
    return seconds
