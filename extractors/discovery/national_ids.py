"""Tells the numbers by which states know people, by their shape and their check digits.

A number fits many a scheme by accident, one in ten or so; so a column counts as one of such numbers only when
nearly all of its values fit one and the same scheme, and there are enough of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

FEWEST = 6
TRIED_FIRST, TRIED = 12, 100
VALID_SHARE = 0.9
FEWEST_DISTINCT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Scheme:
    """A state's numbers for people.

    Args:
        module: of python-stdnum; empty where there is no check digit and the shape alone must do.
        shape: of the number as it is written; the one that sequences and dates rarely have.
    """

    module: str
    shape: re.Pattern[str]


def _scheme(module: str, shape: str) -> Scheme:
    return Scheme(module, re.compile(shape, re.IGNORECASE))


# EU and EEA, Switzerland, the United Kingdom, the United States, Brazil and some neighbours. Those with letters,
# dates or two check digits are safe; eleven and nine digits with one check digit need the share of the column.
SCHEMES = (
    _scheme(
        "it.codicefiscale", r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
    ),
    _scheme("es.nif", r"(?:\d{8}|[XYZKLM]\d{7})[ -]?[A-Z]"),
    _scheme("fr.nir", r"[12]\d{2} ?(?:\d\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d"),
    _scheme("fi.hetu", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]"),
    _scheme("ie.pps", r"\d{7}[A-W][ABHWTX]?"),
    _scheme("", r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"),  # GB NINO
    _scheme("us.ssn", r"\d{3}-\d\d-\d{4}"),
    _scheme("us.itin", r"9\d\d-\d\d-\d{4}"),
    _scheme("br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d\d|\d{11}"),
    _scheme("pl.pesel", r"\d{11}"),
    _scheme("de.idnr", r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}"),
    _scheme("nl.bsn", r"\d{9}|\d{4}\.\d\d\.\d{3}"),
    _scheme("be.nn", r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}"),
    _scheme("at.vnr", r"[1-9]\d{3} ?\d{6}"),
    _scheme("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d\d"),
    _scheme("pt.cc", r"\d{8} ?\d ?[A-Z0-9]{2}\d"),
    _scheme("pt.nif", r"[1-3]\d{2} ?\d{3} ?\d{3}"),
    _scheme("dk.cpr", r"\d{6}-\d{4}"),
    _scheme("se.personnummer", r"(?:19|20)?\d{6}[-+]?\d{4}"),
    _scheme("no.fodselsnummer", r"\d{6} ?\d{5}"),
    _scheme("is_.kennitala", r"\d{6}-?\d{4}"),
    _scheme("cz.rc", r"\d{6}/\d{3,4}"),
    _scheme("ro.cnp", r"[1-9]\d{12}"),
    _scheme("bg.egn", r"\d{10}"),
    _scheme("si.emso", r"\d{13}"),
    _scheme("hr.oib", r"\d{11}"),
    _scheme("ee.ik", r"[1-8]\d{10}"),
    _scheme("lv.pvn", r"\d{6}-\d{5}"),
    _scheme("gr.amka", r"\d{11}"),
    _scheme("gb.nhs", r"\d{3} ?\d{3} ?\d{4}"),
    _scheme("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"),
    _scheme("tr.tckimlik", r"[1-9]\d{10}"),
    _scheme("ca.sin", r"\d{3}[ -]\d{3}[ -]\d{3}"),
)


def share(texts: Sequence[str], all_of_them: int) -> float:
    """Give the share of a column's values that are numbers of the one scheme that most of them fit; 0 where few do.

    Args:
        texts: those of the column's values that could be such numbers at all, different ones.
        all_of_them: how many different values the column has.
    """
    if len(texts) < FEWEST or len(texts) < all_of_them * VALID_SHARE:
        return 0.0
    tried = texts[:: max(1, len(texts) // TRIED)][:TRIED]
    best = max(_valid_share(tried, scheme) for scheme in SCHEMES)
    return best * len(texts) / all_of_them if best >= VALID_SHARE and _is_spread(tried) else 0.0


def _is_spread(texts: Sequence[str]) -> bool:
    """Tell whether the numbers begin differently, as those counted up from one do not."""
    return len({text[:4] for text in texts}) >= max(2, len(texts) * FEWEST_DISTINCT_SHARE)


def _valid_share(texts: Sequence[str], scheme: Scheme) -> float:
    """Give up on a scheme after the first few that do not fit."""
    first = texts[:TRIED_FIRST]
    fitting = sum(_fits(text, scheme) for text in first)
    if fitting < len(first) * VALID_SHARE:
        return 0.0
    return (fitting + sum(_fits(text, scheme) for text in texts[TRIED_FIRST:])) / len(texts)


def _fits(text: str, scheme: Scheme) -> bool:
    return scheme.shape.fullmatch(text) is not None and _validator(scheme.module)(text)


@cache
def _validator(module: str) -> Callable[[str], bool]:
    if not module:
        return lambda _: True
    try:
        valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    except ModuleNotFoundError:
        return lambda _: False
    return valid
