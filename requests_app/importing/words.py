"""What stands in the cells of a list, in the words of several languages, as the portal's own."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from requests_app import places
from requests_app.importing.columns import squeezed
from requests_app.intake.recording import CHANNELS
from requests_app.models import Channel, Right

if TYPE_CHECKING:
    from requests_app.rights import Question

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
"""Those in which names of places and languages are understood."""

_RIGHTS = {
    Right.ACCESS: "access accessrequest accesstomydata sar dsar copy copyofdata information disclosure auskunft "
    "auskunftsersuchen auskunftsrecht auskunftsanfrage datenauskunft datenkopie acces droitdacces acceso "
    "derechodeacceso accesso dirittodiaccesso inzage inzagerecht inzageverzoek dostep acesso",
    Right.RECTIFICATION: "rectification rectify correct correction berichtigung korrektur droitderectification "
    "rectificacion rettifica correzione rectificatie correctie sprostowanie retificacao",
    Right.ERASURE: "erasure erase delete deletion righttobeforgotten forgetme loschung loschen loschantrag "
    "loschersuchen datenloschung effacement suppression droitaleffacement supresion borrado cancelacion olvido "
    "cancellazione oblio wissing verwijdering vergetelheid usuniecie apagamento eliminacao",
    Right.PORTABILITY: "portability dataportability datenubertragbarkeit ubertragbarkeit datenubertragung "
    "portabilite portabilitedesdonnees portabilidad portabilita overdraagbaarheid dataportabiliteit przenoszenie "
    "portabilidade",
    Right.RESTRICTION: "restriction restrict restrictionofprocessing einschrankung sperrung "
    "einschrankungderverarbeitung limitation limitationdutraitement limitacion limitazione beperking ograniczenie "
    "limitacao",
    Right.OBJECTION: "objection object optout unsubscribe nomarketing widerspruch werbewiderspruch "
    "werbesperre opposition droitdopposition oposicion opposizione bezwaar verzet sprzeciw oposicao",
    Right.AUTOMATED_DECISION: "automateddecision automateddecisionmaking profiling humanreview "
    "automatisierteentscheidung einzelentscheidung decisionautomatisee decisionautomatizada decisioneautomatizzata "
    "geautomatiseerdebesluitvorming",
}
_ARTICLES = {
    "15": Right.ACCESS,
    "16": Right.RECTIFICATION,
    "17": Right.ERASURE,
    "18": Right.RESTRICTION,
    "20": Right.PORTABILITY,
    "21": Right.OBJECTION,
    "22": Right.AUTOMATED_DECISION,
}
_ARTICLE = re.compile(
    r"(?:§|art\.?|artikel|article|articolo|articulo|artículo|artigo)\s*(?P<named>\d\d)\b|(?P<alone>\d\d)$",
    re.IGNORECASE,
)
_CHANNELS = {
    Channel.MAIL: "mail email epost courriel correo correoelectronico postaelettronica",
    Channel.LETTER: "letter post postal brief fax lettre courrier carta lettera posta list",
    Channel.PHONE: "phone telephone call telefon telefonisch anruf telefono telefoon telephonique",
    Channel.IN_PERSON: "inperson person counter onsite personlich vorort enpersonne enpersona dipersona persoonlijk",
}

_OTHER_CODES = {"UK": "GB", "EL": "GR", "USA": "US", "GBR": "GB", "DEU": "DE", "FRA": "FR", "AUT": "AT", "CHE": "CH"}
_OTHER_PLACES = {"greatbritain": "GB", "grossbritannien": "GB", "holland": "NL", "unitedstatesofamerica": "US"}


def right_of(text: str) -> Right | None:
    """Give the right that a text names, by name or by article of the GDPR."""
    named = _rights().get(squeezed(text))
    article = _ARTICLE.match(text.strip())
    return named or (_ARTICLES.get(article["named"] or article["alone"]) if article else None)


def rights_of(text: str) -> list[Right]:
    """Give the rights that a text names, several of them as `access; erasure`; none where one of them is unknown."""
    found = [right_of(part) for part in re.split(r"[;,+&\n]", text) if part.strip()]
    named = [right for right in found if right]
    return list(dict.fromkeys(named)) if len(named) == len(found) else []


def answer_of(question: Question, text: str) -> str:
    """Give the answer that a text is to a question: of one with choices its slug, by slug or by its words.

    Raises:
        ValueError: it is none of the choices.
    """
    if not question.choices:
        return text
    known = {squeezed(name): each.slug for each in question.choices for name in (each.label, each.slug)}
    if squeezed(text) not in known:
        raise ValueError(f"is none of: {', '.join(each.slug for each in question.choices)}")
    return known[squeezed(text)]


def channel_of(text: str) -> Channel | None:
    """Give the way that a text names."""
    return _channels().get(squeezed(text))


def place_of(text: str) -> str:
    """Give the place that a text names, by code or by name; empty where nobody knows it."""
    code = text.strip().upper().replace("_", "-")
    code = _OTHER_CODES.get(code, code)
    if places.is_known(code):
        return code
    return _places().get(squeezed(text), "")


def language_of(text: str) -> str:
    """Give the language that a text names, by code or by name; empty where nobody knows it."""
    code = text.strip().replace("_", "-")
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?", code) and code.partition("-")[0].lower() in _languages().values():
        base, _, region = code.partition("-")
        return f"{base.lower()}-{region.upper()}" if region else base.lower()
    return _languages().get(squeezed(text), "")


@cache
def _rights() -> dict[str, Right]:
    own = {squeezed(text): right for right in Right for text in (right.value, right.label)}
    return {word: right for right, words in _RIGHTS.items() for word in words.split()} | own


@cache
def _channels() -> dict[str, Channel]:
    own = {squeezed(text): channel for channel in CHANNELS for text in (channel.value, channel.label)}
    return {word: channel for channel, words in _CHANNELS.items() for word in words.split()} | own


@cache
def _places() -> dict[str, str]:
    names = {squeezed(name): code for code, name in places.SUBDIVISIONS.items()}
    for language in LANGUAGES:
        names |= {squeezed(name): code for code, name in places.choices(language) if "-" not in code}
    return names | _OTHER_PLACES


@cache
def _languages() -> dict[str, str]:
    from babel import Locale

    names = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).languages.items():
            if re.fullmatch("[a-z]{2,3}", code):
                names[squeezed(name)] = code
    return names
