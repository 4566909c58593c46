"""What was sent, kept as it was: sealed by the key of its request, without links and codes."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from requests_app.keys.stored import KeyDestroyed, open_key
from requests_app.letters import writing
from requests_app.letters.words import Words
from requests_app.models import SentNotice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from exporters.letter import Controller
    from requests_app.models import OutboxMail

LOGO = "cid:logo"
_PURPOSE = "sent notice"
_LEFT_OUT = {"link": "", "status_link": "", "preferences_link": "", "code": ""}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a notice said.

    Args:
        html: of the mail; the address of its logo is `LOGO`.
        text: of the mail.
        headline: of the letter.
        paper: what stands in the letter below the heading, as HTML.
        language: that it was written in.
    """

    subject: str
    html: str
    text: str
    headline: str
    paper: str
    language: str


def written(template: str, context: Mapping[str, object], controller: Controller) -> Kept:
    """Write a notice as it is kept: without its links and codes."""
    told = {**context, **_LEFT_OUT}
    on_paper = writing.pieces(template, told, "paper")
    return Kept(
        subject=writing.subject_of(template, told),
        html=writing.mail_html(template, told, controller, logo=LOGO),
        text=writing.mail_text(template, told),
        headline=on_paper.headline,
        paper=on_paper.body,
        language=on_paper.language,
    )


def sealed(mail: OutboxMail, context: Mapping[str, object], controller: Controller) -> SentNotice:
    """Write what a mail or letter is about to say, to be kept once it is sent.

    Raises:
        KeyDestroyed, MissingKey: the request's key is no more, so that nothing can be kept.
    """
    words = context.get("words")
    content = _packed(written(mail.template, context, controller))
    return SentNotice(
        mail=mail,
        content=open_key(mail.request.key_id).seal_text(content, _PURPOSE),
        words_id=words.version if isinstance(words, Words) else None,
    )


def keep(notice: SentNotice, sent_at: datetime) -> None:
    """Keep what was sealed, inside the transaction of its sending; a repetition takes its place."""
    told = {"content": notice.content, "words_id": notice.words_id, "sent_at": sent_at}
    SentNotice.objects.update_or_create(mail_id=notice.mail_id, defaults=told)


def kept_of(mail: OutboxMail) -> Kept | None:
    """Give what a mail said; None where nothing was kept, or it was deleted by the end of its time."""
    row = SentNotice.objects.filter(mail=mail).first()
    if row is None:
        return None
    try:
        return _unpacked(open_key(mail.request.key_id).open_text(row.content, _PURPOSE))
    except KeyDestroyed:
        return None


def _packed(kept: Kept) -> str:
    return base64.b85encode(zlib.compress(json.dumps(asdict(kept)).encode())).decode()


def _unpacked(text: str) -> Kept:
    return Kept(**json.loads(zlib.decompress(base64.b85decode(text))))
