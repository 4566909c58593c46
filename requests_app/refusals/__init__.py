"""Refusals: on which grounds the laws let a request be refused, and what whoever is refused must be told."""

from __future__ import annotations

from requests_app.refusals.standing import current, decided, preserved, waiting

__all__ = ["current", "decided", "preserved", "waiting"]
