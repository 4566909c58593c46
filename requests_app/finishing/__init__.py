"""The stage that ends a request by itself, once all that it asks for is done."""

from __future__ import annotations

from requests_app.finishing.requests import finish_request, overdue

__all__ = ["finish_request", "overdue"]
