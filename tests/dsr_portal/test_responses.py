from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import pytest

if TYPE_CHECKING:
    from django.test import Client


def test_the_schema_of_the_data_map_is_published(client: Client) -> None:
    response = client.get("/schemas/datamap-1.json")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(response.json())


@pytest.mark.parametrize(("path", "status"), [("/schemas/datamap-1.json", 200), ("/nowhere", 404)])
def test_every_response_carries_the_security_headers(client: Client, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    others = ["Permissions-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy"]
    others += ["Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options"]
    assert [name for name in others if name not in response.headers] == []


def test_the_schema_is_only_read(client: Client) -> None:
    assert client.post("/schemas/datamap-1.json").status_code == 405
