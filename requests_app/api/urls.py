"""The addresses for programs."""

from __future__ import annotations

from django.urls import path

from requests_app.api.suppressions import SuppressionCheck

urlpatterns = [
    path("api/v1/suppressions/check", SuppressionCheck.as_view(), name="suppression-check"),
]
