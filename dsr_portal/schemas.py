"""Publishes the schemas of the documents that people and programs exchange with the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from exporters.certificate.schema import schema_text as certificate_schema
from exporters.schemas import JSON_SCHEMA, XML_SCHEMA, schema_text

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def show_data_map_schema(request: HttpRequest) -> JsonResponse:
    """Answer with the JSON Schema of a data map, version 1."""
    from extractors.datamap import json_schema

    return JsonResponse(json_schema(), content_type="application/schema+json", json_dumps_params={"indent": 2})


@require_safe
def show_json_export_schema(request: HttpRequest) -> HttpResponse:
    """Answer with the JSON Schema of an export, version 1."""
    return HttpResponse(schema_text(JSON_SCHEMA), content_type="application/schema+json")


@require_safe
def show_xml_export_schema(request: HttpRequest) -> HttpResponse:
    """Answer with the XML Schema of an export, version 1."""
    return HttpResponse(schema_text(XML_SCHEMA), content_type="application/xml")


@require_safe
def show_certificate_schema(request: HttpRequest) -> HttpResponse:
    """Answer with the JSON Schema of the record inside a certificate, version 1."""
    return HttpResponse(certificate_schema(), content_type="application/schema+json")
