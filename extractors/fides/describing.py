"""Puts what a manifest says about data into the words of a data map: categories, help, retention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractors.batches import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from extractors.fides.manifest import ManifestField, Part


def heading(part: Part) -> dict[str, Any]:
    """Describe a source as its dataset does."""
    told = information(part)
    if transfers := part.texts("third_country_transfers"):
        told["transfers"] = ", ".join(transfers)
    label = part.text("name")
    return ({"label": label} if label else {}) | ({"information": told} if told else {})


def information(part: Part) -> dict[str, Any]:
    """Give what a dataset or a collection tells about all its fields."""
    told: dict[str, Any] = {}
    if categories := _named(part.texts("data_categories")):
        told["categories"] = categories
    if retention := part.text("retention"):
        told["retention"] = retention
    return told


def field_part(field: ManifestField) -> dict[str, Any]:
    """Describe a column; what is nested within it counts as its own."""
    told: dict[str, Any] = {}
    categories = _named(key for inner in field.within() for key in inner.part.texts("data_categories"))
    if categories:
        told["category"] = "; ".join(categories)
    if text := field.part.text("description"):
        told["help"] = text
    if field.is_nested:
        told["json"] = True
    return told


def _named(keys: Iterable[str]) -> list[str]:
    """Turn keys of the Fides taxonomy into words: `user.contact.email` becomes "Contact email"."""
    named = (words(key.removeprefix("user.").replace(".", " ")) if key != "user" else "Personal data" for key in keys)
    return list(dict.fromkeys(named))
