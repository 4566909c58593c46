"""The parts of a request's own page that only some requests have: one module each, found by themselves."""

from __future__ import annotations

from requests_app.pages.parts.base import Part
from requests_app.pages.parts.known import parts_of, urlpatterns

__all__ = ["Part", "parts_of", "urlpatterns"]
