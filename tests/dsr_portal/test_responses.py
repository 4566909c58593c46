from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import jsonschema
import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from lxml import etree

from dsr_portal import urls

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import Client


def test_the_schema_of_the_data_map_is_published(client: Client) -> None:
    response = client.get("/schemas/datamap-1.json")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(response.json())


def test_the_schemas_of_exports_are_published(client: Client) -> None:
    json_schema, xml_schema = client.get("/schemas/export-1.json"), client.get("/schemas/export-1.xsd")
    assert json_schema.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(json_schema.json())
    etree.XMLSchema(etree.fromstring(xml_schema.content))


def test_the_schema_of_certificates_is_published(client: Client) -> None:
    response = client.get("/schemas/certificate-1.json")
    assert response.headers["Content-Type"] == "application/schema+json"
    jsonschema.Draft202012Validator.check_schema(response.json())
    assert response.json()["$id"] == "urn:dsr-portal:certificate:1"


@pytest.mark.django_db
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
    assert response.headers["Cache-Control"] == "no-store"


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"a person's records"])


@csrf_exempt
def show(request: HttpRequest) -> JsonResponse:
    in_memory = [file.size for file in request.FILES.values() if isinstance(file, InMemoryUploadedFile)]
    return JsonResponse({"fields": list(request.POST), "in_memory": in_memory})


urlpatterns = [path("stream", stream), path("show", show), *urls.urlpatterns]


@pytest.mark.urls(__name__)
def test_a_proxy_is_told_not_to_put_downloads_onto_its_disk(client: Client) -> None:
    response = client.get("/stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.getvalue() == b"a person's records"


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("size", "kept"), [(2**19, [2**19]), (2**21, [])])
def test_an_upload_stays_in_memory_or_is_not_taken(size: int, kept: list[int], client: Client) -> None:
    response = client.post("/show", {"name": "Ann", "file": BytesIO(b"a" * size)})
    assert response.json() == {"fields": ["name"], "in_memory": kept}


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_form_of_megabytes_is_refused(client: Client) -> None:
    assert client.post("/show", {"details": "a" * 2**21}).status_code == 400


def test_the_schema_is_only_read(client: Client) -> None:
    assert client.post("/schemas/datamap-1.json").status_code == 405
