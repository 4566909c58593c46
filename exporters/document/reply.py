"""The answer where nothing is held: a letter alone, no package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.document.page import page
from exporters.document.printing import printed
from exporters.opening.letter import letter
from exporters.opening.rights import rights_and_complaint
from exporters.opening.statement import statement
from exporters.opening.title import title_page

if TYPE_CHECKING:
    from exporters.base import Answer

_ENCLOSED = ("What we searched, and what we found", "Your rights, and where to complain")


def nothing_held(answer: Answer) -> bytes:
    """Print the letter that says that nothing is held: what was searched, the rights, where to complain.

    Args:
        answer: without records.

    Raises:
        UnprintableDocument: see `printed`.
    """
    title = f"Our answer to your request {answer.reference}"
    first = letter(answer, answer.letter, _ENCLOSED, ()) if answer.letter else title_page(answer, title)
    markup = f'{first}<div class="brief">{statement(answer)}{rights_and_complaint(answer)}</div>'
    return b"".join(printed([b"".join(page(answer, title, [markup.encode()]))]))
