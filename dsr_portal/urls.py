"""The routes of the portal."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from dsr_portal.schemas import show_data_map_schema

urlpatterns = [
    path("console/", admin.site.urls),
    path("schemas/datamap-1.json", show_data_map_schema, name="data-map-schema"),
]
