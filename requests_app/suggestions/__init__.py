"""What may help with a request, each with its reason: read off what the portal knows, nothing is asked of a source."""

from __future__ import annotations

from requests_app.suggestions.base import Icon, Noun, Place, Suggestion
from requests_app.suggestions.known import Help, help_with
from requests_app.suggestions.pace import Pace

__all__ = ["Help", "Icon", "Noun", "Pace", "Place", "Suggestion", "help_with"]
