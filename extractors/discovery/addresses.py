"""Tells a column of postal addresses: a house number beside words, and among these what streets are called."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.discovery.spelling import folded

FEWEST_DISTINCT = 5
CALLED_SHARE = 0.25
SHAPED_SHARE = 0.7
TRIED = 150
_SHAPE = re.compile(
    r"\d{1,5}(?:[ -]?[a-z]|\s?(?:bis|ter))?,?\s+[^\W\d_].{2,80}"  # 12 Main Street, 4 bis rue de la Paix
    r"|[^\W\d_].{2,80}?,?\s+(?:nr\.?\s?|no\.?\s?|n[º°.]\s?)?\d{1,5}(?:\s?[-/]\s?\d{1,4})?\s?[a-z]?\b.{0,40}",
    re.IGNORECASE,
)
# Of English, German, French, Spanish, Italian, Dutch, Portuguese and Polish; whole words, or ends of words.
_WORDS = frozenset(
    "street st road rd avenue ave lane ln drive dr way court ct blvd boulevard square terrace crescent highway "  # noqa: SIM905
    "rue chemin impasse allee quai route cours faubourg calle avenida avda plaza paseo camino carrera carretera ronda "
    "via viale piazza corso largo vicolo strada rua travessa praca estrada alameda rodovia ul ulica aleja al plac os "
    "str strasse weg platz gasse damm ring ufer markt straat laan plein".split()
)
_ENDS = (
    "strasse",
    "str",
    "weg",
    "platz",
    "gasse",
    "allee",
    "damm",
    "straat",
    "laan",
    "plein",
    "gracht",
    "kade",
    "dijk",
)
_LETTERS = re.compile(r"[^\W\d_]+")


def share(texts: Sequence[str]) -> float:
    """Give the share of different texts that are postal addresses; 0 where too few have a word that streets have."""
    tried = texts[:: max(1, len(texts) // TRIED)][:TRIED]
    shaped = [text for text in tried if _SHAPE.fullmatch(text)]
    if len(tried) < FEWEST_DISTINCT or len(shaped) < len(tried) * SHAPED_SHARE:
        return 0.0
    called = sum(_is_called(text) for text in shaped)
    return len(shaped) / len(tried) if called >= len(shaped) * CALLED_SHARE else 0.0


def _is_called(text: str) -> bool:
    words = _LETTERS.findall(folded(text))
    return any(word in _WORDS or (len(word) > 6 and word.endswith(_ENDS)) for word in words)
