"""The picture of a user: made anew from what was uploaded, under an address that cannot be guessed."""

from __future__ import annotations

import secrets
from typing import Final

from entrepot.identity import avatar_queries
from entrepot.identity.model import UserNotFound
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Database
from entrepot.kernel.files import PUBLIC, Files
from entrepot.kernel.pictures import square_webp

FIELD: Final = "image"
SIDE: Final = 512
FOLDER: Final = f"{PUBLIC}/avatars/"


async def set_avatar(database: Database, files: Files, actor: Actor, content: bytes) -> str:
    """Store the picture and delete the one before; returns its key.

    Reading the picture and writing the file stand outside the transaction. What nothing points at is deleted again.

    Raises:
        NotAPicture, Invalid: see `square_webp`.
    """
    picture = await square_webp(content, SIDE, field=FIELD)
    key = f"{FOLDER}{secrets.token_hex(16)}.webp"
    await files.put(key, picture)
    try:
        async with database.transaction() as tx:
            replaced = await avatar_queries.replace_image(tx, actor.id, key)
            if replaced is None:
                raise UserNotFound
    except BaseException:
        await files.delete(key)
        raise
    if is_avatar(replaced.image or ""):
        await files.delete(replaced.image or "")
    return key


def is_avatar(location: str) -> bool:
    """Whether this is a file of ours, rather than an address elsewhere."""
    return location.startswith(FOLDER)
