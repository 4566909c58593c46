"""Signs what is sent, as Standard Webhooks has it, and keeps the secrets for it.

Source: https://github.com/standard-webhooks/standard-webhooks, specification 1.0.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

import standardwebhooks

from requests_app.keys.stored import open_key

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from requests_app.models import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32
PURPOSE = "webhook secret"


def new_secret() -> str:
    """Make a secret as receivers take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(webhook: Webhook, secret: str) -> str:
    """Encrypt a secret by the webhook's key."""
    return open_key(webhook.key_id).seal_text(secret, PURPOSE)


def headers(webhook: Webhook, number: UUID, body: bytes, now: datetime) -> dict[str, str]:
    """Give the headers by which a receiver knows that a message is ours, whole and fresh.

    While a secret is changed over, both sign.
    """
    kept = [webhook.secret]
    if webhook.old_secret and webhook.old_secret_until and now < webhook.old_secret_until:
        kept.append(webhook.old_secret)
    key = open_key(webhook.key_id)
    signers = [standardwebhooks.Webhook(key.open_text(text, PURPOSE)) for text in kept]
    return {
        "content-type": "application/json",
        "webhook-id": str(number),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(str(number), now, body.decode()) for signer in signers),
    }
