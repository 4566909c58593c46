"""Signs in the organisation's systems by their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from requests_app import audit, limits
from requests_app.client import network_of
from requests_app.suppression import tokens

if TYPE_CHECKING:
    from typing import ClassVar

    from rest_framework.request import Request

    from requests_app.models import ServiceToken

MOST_WRONG_AN_HOUR = 30


class ServiceTokenAuthentication(BaseAuthentication):
    """Takes `Authorization: Bearer dsr_…` of a token with the ability that a subclass names."""

    ability: ClassVar[ServiceToken.Ability]

    def authenticate(self, request: Request) -> tuple[None, ServiceToken] | None:
        """Give the token's row as `request.auth`; there is no user.

        Raises:
            AuthenticationFailed: the token is unknown, ended, or for something else; put on record.
            LimitReached: too many wrong ones from this network.
        """
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        row = tokens.owner_of(token.strip(), self.ability)
        if row is None:
            if network := network_of(request._request):
                limits.count("service_token", network, most=MOST_WRONG_AN_HOUR, seconds=3600)
            audit.record("token.refused", audit.STRANGER, ability=str(self.ability))
            raise AuthenticationFailed("This token is not known, was ended, or is for something else.")
        return None, row

    def authenticate_header(self, request: Request) -> str:
        """Say how to sign in (RFC 6750)."""
        return "Bearer"
