"""Publishes the schemas of the documents that operators and programs write for the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def show_data_map_schema(request: HttpRequest) -> JsonResponse:
    """Answer with the JSON Schema of a data map, version 1."""
    from extractors.datamap import json_schema

    return JsonResponse(json_schema(), content_type="application/schema+json", json_dumps_params={"indent": 2})
