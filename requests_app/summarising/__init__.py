"""A summary of a contested decision by a language model, for its reviewer alone; off unless an operator names a model.

Nothing depends on it: it is text that is shown, it decides nothing, and the person never sees it.
"""

from __future__ import annotations

from requests_app.summarising.asking import (
    Foreseen,
    UnavailableSummary,
    address,
    ask,
    foreseen,
    is_offered,
    latest,
    text_of,
)
from requests_app.summarising.model import UnusableModel
from requests_app.summarising.writing import summarise_decision

__all__ = [
    "Foreseen",
    "UnavailableSummary",
    "UnusableModel",
    "address",
    "ask",
    "foreseen",
    "is_offered",
    "latest",
    "summarise_decision",
    "text_of",
]
