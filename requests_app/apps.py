"""Everything about a request, as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class RequestsConfig(AppConfig):
    """The app that holds the requests and what becomes of them."""

    name = "requests_app"
    verbose_name = "Data subject requests"
