"""What the names of one source say: how its tables begin, how its columns begin, what its keys are called."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from extractors.discovery import likeness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.discovery.model import ColumnId, SeenTable, TableId

LIKE_ENOUGH = 0.4
CLEARLY_OWN = 0.9
SAME_AS_PRIMARY = 0.85
SAME_AS_UNIQUE = 0.6
ENDS_LIKE_KEY = 0.75
HABITUAL_TABLES = 3
HABITUAL_SHARE = 0.4


class Naming:
    """The names of a source's tables and columns."""

    def __init__(self, tables: Sequence[SeenTable]) -> None:
        self.tables = likeness.Tables(table.id for table in tables)
        self.beginnings = {table.id: _beginning(table) for table in tables}
        self.columns = {table.id: frozenset(column.name.casefold() for column in table.columns) for table in tables}
        keys = Counter(table.primary_key[0].casefold() for table in tables if len(table.primary_key) == 1)
        enough = max(HABITUAL_TABLES, HABITUAL_SHARE * sum(keys.values()))
        self.habitual = frozenset(name for name, times in keys.items() if times >= enough)
        generic = sum(times for name, times in keys.items() if name in self.habitual or likeness.is_generic(name))
        self.has_generic_keys = generic * 2 >= sum(keys.values())

    def bare(self, column: ColumnId) -> str:
        """Give a column's name without what all columns of its table begin with."""
        words, beginning = likeness.words_of(column[1]), self.beginnings[column[0]]
        return "_".join(words[1:]) if beginning and words[:1] == (beginning,) and len(words) > 1 else column[1]

    def is_generic(self, column: ColumnId) -> bool:
        """Whether a column's name tells nothing of which thing it is of."""
        return column[1].casefold() in self.habitual or likeness.is_generic(self.bare(column))

    def is_own(self, column: ColumnId) -> bool:
        """Whether a primary key is called as if it were nothing but its own table's number."""
        if self.is_generic(column):
            return True
        return not self.has_generic_keys or self.tables.likeness(self.bare(column), column[0]) >= CLEARLY_OWN

    def called(self, column: ColumnId, key: ColumnId) -> float:
        """Say how much a column is called after the table of a key, 0 to 1."""
        name = self.bare(column)
        if column[0] == key[0] and not likeness.is_parent_like(column[1]):
            return 0.0
        alike = max(self.tables.likeness(name, key[0]), self.tables.likeness_beside(name, column[0], key[0]))
        if not self.is_generic(key) and (rest := _without(likeness.words_of(name), likeness.words_of(key[1]))):
            alike = max(alike, self.tables.likeness("_".join(rest), key[0]))
        return alike if alike >= LIKE_ENOUGH else 0.0

    def same(self, column: ColumnId, key: ColumnId, *, is_primary: bool) -> float:
        """Say how much a column is called as a key itself is, 0 to 1."""
        mine, own = likeness.words_of(self.bare(column)), likeness.words_of(key[1])
        if self.is_generic(key):
            # `A_CID` refers to `C_ID`: the beginning all columns of that table share is part of the name elsewhere.
            return SAME_AS_PRIMARY if len(own) > 1 and "".join(mine) == "".join(own) else 0.0
        if mine == own or column[1].casefold() == key[1].casefold():
            return SAME_AS_PRIMARY if is_primary else SAME_AS_UNIQUE
        return ENDS_LIKE_KEY if is_primary and len(own) > 1 and mine[-len(own) :] == own else 0.0

    def is_part_of(self, table: TableId, other: TableId) -> bool:
        """Whether a table is called as a part of another: `order_items` of `orders`, `user_meta` of `users`."""
        mine, whole = self.tables.words[table], self.tables.words[other]
        pairs = zip(mine, whole, strict=False)
        return 0 < len(whole) < len(mine) and all(likeness.word_likeness(a, b) >= CLEARLY_OWN for a, b in pairs)

    def has_namesake(self, table: TableId, column: ColumnId) -> bool:
        """Whether another table has a column of the same name, and so is referring itself rather than referred to."""
        name = column[1].casefold()
        return table != column[0] and name in self.columns[table] and not self.is_generic(column)


def _beginning(table: SeenTable) -> str:
    """Give the word that nearly all of a table's columns begin with."""
    split = [likeness.words_of(column.name) for column in table.columns]
    firsts = Counter(words[0] for words in split if len(words) > 1)
    if len(split) < 3 or not firsts:
        return ""
    word, times = firsts.most_common(1)[0]
    return word if times >= 0.6 * len(split) else ""


def _without(words: tuple[str, ...], last: tuple[str, ...]) -> tuple[str, ...]:
    """Take the key's own name off the end of a column's: `user_email` of `users.email`."""
    return words[: -len(last)] if last and words[-len(last) :] == last else ()
