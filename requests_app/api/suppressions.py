"""Asks the register whose data must not be used: for one person, or for as many as a mailing has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from requests_app.api.authentication import ServiceTokenAuthentication
from requests_app.api.errors import BadInput, answer_problem
from requests_app.models import Identifier, ServiceToken
from requests_app.suppression.register import Standing, look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

MOST_AT_ONCE = 1_000
KINDS = tuple(Identifier.Kind.values)


class _BySuppressionToken(ServiceTokenAuthentication):
    ability = ServiceToken.Ability.SUPPRESSIONS


class _SignedIn(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, ServiceToken)


class SuppressionCheck(APIView):
    """`/api/v1/suppressions/check`.

    `POST {"identifiers": [{"kind": "email", "value": "…"}, …]}` answers `{"results": […]}` in the same order, each
    `{"suppressed", "scopes": {"marketing": since, …}}`. `GET ?email=…` (or `phone`, `user_id`) answers one such result;
    prefer POST, as addresses of requests are written down by many programs.
    """

    authentication_classes = (_BySuppressionToken,)
    permission_classes = (_SignedIn,)
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Tell problems the way all families do."""
        return answer_problem

    def get(self, request: Request) -> Response:
        """Answer for one identifier."""
        given = [(kind, request.query_params[kind]) for kind in KINDS if kind in request.query_params]
        if len(given) != 1:
            raise BadInput({"query": f"give one of {', '.join(KINDS)}"})
        return Response(_told(look_up(given)[0]))

    def post(self, request: Request) -> Response:
        """Answer for up to 1,000 identifiers."""
        results = look_up(_pairs(request.data))
        return Response({"results": [_told(standing) for standing in results]})


def _pairs(body: object) -> list[tuple[str, str]]:
    identifiers = body.get("identifiers") if isinstance(body, dict) else None
    if not isinstance(identifiers, list):
        raise BadInput({"identifiers": "is missing: a list of {kind, value}"})
    if len(identifiers) > MOST_AT_ONCE:
        raise BadInput({"identifiers": f"has {len(identifiers):,} entries; ask for at most {MOST_AT_ONCE:,} at once"})
    return [_pair(number, item) for number, item in enumerate(identifiers)]


def _pair(number: int, item: object) -> tuple[str, str]:
    kind, value = (item.get("kind"), item.get("value")) if isinstance(item, dict) else (None, None)
    if kind not in KINDS:
        raise BadInput({f"identifiers[{number}].kind": f"must be one of {', '.join(KINDS)}"})
    if not isinstance(value, str):
        raise BadInput({f"identifiers[{number}].value": "must be a text"})
    return kind, value


def _told(standing: Standing) -> dict[str, object]:
    scopes = {str(scope): since.isoformat().replace("+00:00", "Z") for scope, since in standing.scopes.items()}
    return {"suppressed": standing.is_suppressed, "scopes": scopes}
