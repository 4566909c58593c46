"""The grounds on which laws let a request be refused, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from requests_app.deadlines.rules import RightName

if TYPE_CHECKING:
    from collections.abc import Iterable

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,48}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=600)]
ANY = "*"


class Ground(BaseModel):
    """One ground; see `grounds.toml` for what each part means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug
    articles: Annotated[dict[str, str], Field(min_length=1)]
    label: Words
    words: Words
    rights: Annotated[tuple[RightName, ...], Field(min_length=1)]
    extents: Annotated[tuple[Literal["whole", "part"], ...], Field(min_length=1)]
    facts: bool = True
    before_proof: bool = False
    never_against: tuple[Literal["marketing", "analytics", "all"], ...] = ()
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()

    def article(self, laws: Iterable[str]) -> str:
        """Name the article of the first of some laws that knows the ground; empty where none does."""
        return next((self.articles[law] for law in (*laws, ANY) if law in self.articles), "")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1)]
    ground: Annotated[tuple[Ground, ...], Field(min_length=1)]


def every_ground() -> tuple[Ground, ...]:
    """Give all grounds, in the order in which they are offered."""
    return _table().ground


def version() -> int:
    """Give the version of the table, which each refusal keeps."""
    return _table().version


def find(slug: str) -> Ground | None:
    """Find a ground; None where there is none of that name."""
    return next((ground for ground in every_ground() if ground.slug == slug), None)


def fitting(laws: Iterable[str], right: str, *, country: str = "", is_granted: bool = True) -> tuple[Ground, ...]:
    """Give the grounds that fit a request.

    Args:
        laws: the codes of the laws that grant the right.
        country: where the controller is established, ISO 3166-1 alpha-2.
        is_granted: whether any law grants the right at all; if none does, that itself is a ground.
    """
    codes = {*laws}
    return tuple(
        ground
        for ground in every_ground()
        if right in ground.rights
        and (not ground.countries or country in ground.countries)
        and (codes & ground.articles.keys() or (ANY in ground.articles and not is_granted))
    )


@cache
def _table() -> _Table:
    text = files(__package__).joinpath("grounds.toml").read_text(encoding="utf-8")
    return _Table.model_validate(tomllib.loads(text))
