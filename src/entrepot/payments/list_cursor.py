"""Places in lists that are ordered by when something was made, and its id."""

from __future__ import annotations

from datetime import datetime

from entrepot.kernel.pages import Page, WrongCursor, a_cursor_moment


def moment_after(page: Page) -> tuple[datetime, str] | None:
    """The moment and the id in the cursor of such a list. Raises Invalid when it is another list's."""
    if page.after is None:
        return None
    if len(page.after) != 2 or not isinstance(page.after[1], str) or "\0" in page.after[1]:
        raise WrongCursor
    return a_cursor_moment(page.after[0]), page.after[1]
