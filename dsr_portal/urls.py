"""The routes of the portal."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from dsr_portal import health, mail_sink
from dsr_portal.schemas import (
    show_certificate_schema,
    show_data_map_schema,
    show_json_export_schema,
    show_xml_export_schema,
)
from requests_app.pages import look

urlpatterns = [
    path("", include("requests_app.pages.urls")),
    path("", include("requests_app.api.urls")),
    path("look.css", look.show_style, name="look"),
    path("logo", look.show_logo, name="logo"),
    path("console/", admin.site.urls),
    path("healthz", health.show_life, name="healthz"),
    path("readyz", health.show_readiness, name="readyz"),
    path("mail-sink/", mail_sink.list_mails, name="mail-sink"),
    path("mail-sink/<slug:key>", mail_sink.show_mail, name="mail-sink-mail"),
    path("mail-sink/<slug:key>/html", mail_sink.show_html, name="mail-sink-html"),
    path("schemas/datamap-1.json", show_data_map_schema, name="data-map-schema"),
    path("schemas/certificate-1.json", show_certificate_schema, name="certificate-schema"),
    path("schemas/export-1.json", show_json_export_schema, name="json-export-schema"),
    path("schemas/export-1.xsd", show_xml_export_schema, name="xml-export-schema"),
]

if settings.ANYMAIL.get("WEBHOOK_SECRET"):  # without one, anybody could report
    urlpatterns.append(path("mail-events/", include("anymail.urls")))
