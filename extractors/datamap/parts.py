"""The parts of a data map, as pydantic models: their shape, and what can be told from one part alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from extractors.datamap.json_paths import JsonPath, parse_json_path
from extractors.datamap.languages import Wording, Wordings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractors.identifiers import ForeignNode, Node

SCHEMA_ID = "dsr-datamap-1"

Scalar: TypeAlias = Annotated[StrictBool | str | int | float | None, Field(union_mode="left_to_right")]


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _json_path(value: str) -> str:
    parse_json_path(value)
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]
Names = Annotated[
    tuple[Name, ...], BeforeValidator(_one_or_many, json_schema_input_type=Name | tuple[Name, ...]), Field(min_length=1)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
CollectionName = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f.]+$")]
Text = Annotated[str, StringConstraints(max_length=10_000)]
OwnAddress = Annotated[str, StringConstraints(max_length=320, pattern=r"^[^\s@]*@[^\s@]+$")]
Values = Annotated[
    tuple[Scalar, ...],
    BeforeValidator(_one_or_many, json_schema_input_type=Scalar | tuple[Scalar, ...]),
    Field(min_length=1),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class InformationPart(_Part):
    """What Art. 15(1)-(2) GDPR wants told; for the source, or for one collection."""

    purposes: Wordings = ()
    categories: Wordings = ()
    recipients: Wordings = ()
    retention: Wording | None = None
    origin: Wording | None = None
    transfers: Wording | None = None
    automated_decisions: Wording | None = None


class FieldPart(_Part):
    """What differs from "include, no category" in one field."""

    category: Text | None = None
    label: Wording | None = None
    help: Wording | None = None
    codes: dict[str, Wording] = {}
    secret: bool = False
    third_party: bool = False
    rectify: bool = False
    challenge: bool = False
    provided: bool | None = None
    basis: Text | None = None
    json_: bool = Field(default=False, alias="json")
    drop: tuple[Annotated[str, AfterValidator(_json_path)], ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> FieldPart:
        if self.drop and not self.json_:
            raise ValueError("drop takes parts out of JSON: say json: true beside it")
        if self.secret and self.rectify:
            raise ValueError("a secret cannot be rectified: its value is never shown")
        if self.challenge and (self.secret or self.third_party or self.json_):
            raise ValueError("a secret, what is about others and JSON are never asked for: remove challenge")
        return self

    @property
    def dropped_paths(self) -> tuple[JsonPath, ...]:
        """The parts of the JSON inside this field that never leave the source, in an order to take them out by.

        What is within a part comes before it, and the last element of a list first, as all behind it move up.
        """
        paths = {parse_json_path(path) for path in self.drop}
        return tuple(sorted(paths, key=lambda path: [(isinstance(step, int), step) for step in path], reverse=True))


class LinkPart(_Part):
    """A row is the person's when `column` is among the values of `to` in rows already theirs.

    A link over a composite key names as many columns on both sides, in the same order.
    """

    column: Names
    to: Names

    @model_validator(mode="after")
    def _pairs_up(self) -> LinkPart:
        if len(self.column) != len(self.to):
            raise ValueError("column and to need the same number of columns")
        if len({to.split(".", 1)[0] for to in self.to}) > 1:
            raise ValueError("all columns of to must be of one collection")
        return self


class DeletedPart(_Part):
    """How a soft-deleted row is told: `column` is set, or has one of the values `equals`."""

    column: Name
    equals: Values | None = None


class Masked(_Part):
    """Erase an e-mail address to `…@…` that stays one."""

    mask: Literal["email"]


class Hashed(_Part):
    """Erase to a keyed hash: equal values stay equal, nobody can turn them back."""

    hash: Literal["sha256"]


class YearOnly(_Part):
    """Keep a date's year alone."""

    year_only: Literal[True]


EraseValue: TypeAlias = Masked | Hashed | YearOnly | Scalar


class ErasePart(_Part):
    """What erasure does to the collection's rows; a kept row needs a ground, and may be kept for some years only."""

    action: Literal["delete", "anonymise", "archive", "keep"]
    fields: dict[Name, EraseValue] = {}
    ground: Wording | None = None
    years: Annotated[int, Field(ge=0, le=200)] | None = None
    from_: Name | None = Field(default=None, alias="from")
    anonymise: dict[Name, EraseValue] = {}

    @model_validator(mode="after")
    def _fits_the_action(self) -> ErasePart:
        if self.action == "keep" and not self.ground:
            raise ValueError("keep needs a ground: the law that wants the rows kept")
        if self.action == "anonymise" and not self.fields:
            raise ValueError("anonymise needs fields: what each becomes")
        if self.action in ("delete", "keep") and self.fields:
            raise ValueError("fields says what rows become that stay: of kept rows, say `anonymise`")
        if self.action != "keep" and self.anonymise:
            raise ValueError("anonymise is for rows that are kept: of others, say `fields`")
        if self.years is not None and self.from_ is None:
            raise ValueError("years needs from: the column the years are counted from")
        return self


class SetPart(_Part):
    """Columns to set when a restriction or an objection takes effect."""

    set: dict[Name, Scalar]


class CollectionPart(_Part):
    """One table (or view) and what is to be done with a person's rows in it."""

    label: Wording | None = None
    table: Name | None = None
    key: Names | None = None
    identifiers: dict[Slug, Names] = {}
    links: tuple[LinkPart, ...] = ()
    fields: dict[Name, FieldPart] = {}
    information: InformationPart | None = None
    provided: bool = False
    basis: Text | None = None
    order_by: Names | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    deleted: DeletedPart | None = None
    where: dict[Name, Values] = {}
    exclude: dict[Name, Values] = {}
    restrict: SetPart | None = None
    object: dict[Literal["marketing", "analytics", "all"], SetPart] = {}
    erase: ErasePart | None = None
    context: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> CollectionPart:
        if self.limit is not None and not self.order_by:
            raise ValueError("limit needs order_by: which rows are the newest")
        if self.context and self.erase is not None:
            raise ValueError("a context collection is not personal and is never erased: remove erase or context")
        if self.erase and self.erase.action == "archive" and self.deleted is None:
            raise ValueError("archive needs deleted: the column that marks a row as deleted")
        return self

    @property
    def secrets(self) -> frozenset[str]:
        """The columns that never leave the source."""
        return frozenset(name for name, field in self.fields.items() if field.secret)

    def columns_named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield every column the part names, with the path within the part that names it."""
        yield from (((*path, index), name) for path, names in self._lists() for index, name in enumerate(names))
        yield from (((key, name), name) for key, part in self._mappings() for name in part)
        for purpose, part in self.object.items():
            yield from ((("object", purpose, "set", name), name) for name in part.set)
        if self.restrict:
            yield from ((("restrict", "set", name), name) for name in self.restrict.set)
        if self.deleted:
            yield ("deleted", "column"), self.deleted.column
        if self.erase:
            yield from ((("erase", "fields", name), name) for name in self.erase.fields)
            yield from ((("erase", "anonymise", name), name) for name in self.erase.anonymise)
            if self.erase.from_:
                yield ("erase", "from"), self.erase.from_

    def _lists(self) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...]]]:
        yield ("key",), self.key or ()
        yield ("order_by",), tuple(name.removeprefix("-") for name in self.order_by or ())
        yield from ((("identifiers", kind), names) for kind, names in self.identifiers.items())
        yield from ((("links", index, "column"), link.column) for index, link in enumerate(self.links))

    def _mappings(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "fields", self.fields
        yield "where", self.where
        yield "exclude", self.exclude


class DataMap(_Part):
    """The data map of one source."""

    version: Literal[1]
    source: Slug
    label: Wording | None = None
    snapshot: bool = True
    information: InformationPart = InformationPart()
    own_addresses: tuple[OwnAddress, ...] = ()
    collections: dict[CollectionName, CollectionPart] = Field(min_length=1)

    def target(self, link: LinkPart) -> Node | None:
        """Find the collection and columns a link leads to.

        Returns:
            None where the link leads to another source (`crm.contacts.external_id`) or to nowhere.
        """
        written = [self._without_own_name(to) for to in link.to]
        name = written[0].split(".", 1)[0]
        if name not in self.collections or any(not to.startswith(f"{name}.") for to in written):
            return None
        return name, tuple(to.split(".", 1)[1] for to in written)

    def foreign_target(self, link: LinkPart) -> ForeignNode | None:
        """Find the other source, and the collection and columns there, that a link leads to; None within this one."""
        steps = [to.split(".", 2) for to in link.to]
        source, collection = steps[0][0], steps[0][1] if len(steps[0]) == 3 else ""
        is_whole = all(len(step) == 3 and step[:2] == [source, collection] for step in steps)
        if not is_whole or source == self.source or source in self.collections:
            return None
        return source, (collection, tuple(step[2] for step in steps))

    def foreign_links(self) -> Iterator[tuple[str, str, ForeignNode]]:
        """Yield every link to another source: the collection it is of, its path in the document, where it leads."""
        for name, part in self.collections.items():
            for index, link in enumerate(part.links):
                if target := self.foreign_target(link):
                    yield name, f"collections.{name}.links[{index}].to", target

    def questions(self) -> Iterator[tuple[str, str]]:
        """Yield what a person may be asked for to show who they are: collection and field."""
        for name, part in self.collections.items():
            if not part.context:
                yield from ((name, field) for field, told in part.fields.items() if told.challenge)

    def _without_own_name(self, to: str) -> str:
        """Take off the source's own name, which a link within it may have in front."""
        own = f"{self.source}."
        return to.removeprefix(own) if self.source not in self.collections and to.count(".") > 1 else to


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a data map document, as the portal publishes it."""
    schema = DataMap.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}
