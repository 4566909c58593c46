"""What goes wrong, told to programs the same way everywhere.

Source: RFC 9457 (Problem Details for HTTP APIs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import exception_handler

from extractors.errors import DsrError
from requests_app.limits import LimitReached

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEM = "application/problem+json"


class BadInput(APIException):
    """Refuse input and name the fields that are wrong."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {told}" for name, told in fields.items()))
        self.fields = dict(fields)


def answer_problem(error: Exception, context: dict[str, object]) -> Response | None:
    """Turn an exception into a problem with a stable `code`; what nobody expects stays an error of the server."""
    if isinstance(error, LimitReached):
        throttled = _problem("throttled", str(error), status.HTTP_429_TOO_MANY_REQUESTS)
        throttled["Retry-After"] = str(error.retry_after_seconds)
        return throttled
    if isinstance(error, DsrError):
        return _problem("refused", str(error), status.HTTP_400_BAD_REQUEST)
    response = exception_handler(error, context)
    if response is None:
        return None
    code = str(getattr(error, "default_code", "error"))
    fields = {"fields": error.fields} if isinstance(error, BadInput) else {}
    problem = _problem(code, str(getattr(error, "detail", error)), response.status_code, **fields)
    for name, value in response.items():
        if name != "Content-Type":
            problem[name] = value
    return problem


def _problem(code: str, detail: str, status_code: int, **more: object) -> Response:
    body = {"type": "about:blank", "title": code, "status": status_code, "code": code, "detail": detail, **more}
    return Response(body, status=status_code, content_type=PROBLEM)
