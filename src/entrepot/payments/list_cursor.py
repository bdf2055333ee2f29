"""Places in lists that are ordered by when something was made, and its id."""

from __future__ import annotations

from datetime import datetime

from entrepot.kernel.pages import Page, WrongCursor


def moment_after(page: Page) -> tuple[datetime, str] | None:
    """The moment and the id in the cursor of such a list. Raises Invalid when it is another list's."""
    if page.after is None:
        return None
    if len(page.after) != 2 or not all(isinstance(value, str) for value in page.after):
        raise WrongCursor
    try:
        moment = datetime.fromisoformat(page.after[0])
    except ValueError:
        raise WrongCursor from None
    if moment.tzinfo is None or "\0" in page.after[1]:
        raise WrongCursor
    return moment, page.after[1]
