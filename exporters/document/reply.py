"""The answer where nothing is held: a letter alone, no package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.document.markup import documents
from exporters.document.printing import printed

if TYPE_CHECKING:
    from exporters.base import Answer


def nothing_held(answer: Answer) -> bytes:
    """Print the letter that says that nothing is held: what was searched, the rights, where to complain.

    Args:
        answer: without records.

    Raises:
        UnprintableDocument: see `printed`.
    """
    return b"".join(printed(documents(answer, [[]])))
