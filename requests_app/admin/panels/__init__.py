"""The parts of a request's page that only some requests have: one module each, found by themselves."""

from __future__ import annotations

from requests_app.admin.panels.base import MAIN, SIDE, Panel
from requests_app.admin.panels.known import panels_of, routes

__all__ = ["MAIN", "SIDE", "Panel", "panels_of", "routes"]
