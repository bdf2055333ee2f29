"""Where the catalog that is measured comes from: made for this run, or kept from an earlier one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
from rich.console import Console

from entrepot.bench.ground import SIZES, Ground
from entrepot.verify import embedded, on_server


class Kept(msgspec.Struct, frozen=True):
    """What a folder was filled with."""

    size: str
    seed: int


class WrongFolder(Exception):
    """A folder holds something else; the message says what to do."""


@asynccontextmanager
async def catalog(
    size: str, seed: int, console: Console, *, keep: Path | None, database_url: str | None
) -> AsyncIterator[Ground]:
    """A ground with so many products, as long as the block lasts.

    `keep`: a folder for an embedded database that is used again by the next run with the same size and seed.
    `database_url`: a server on which a scratch database is made instead.

    Raises:
        WrongFolder: the folder holds something else.
        LoadFailed: the catalog could not be loaded.
    """
    with _folder(keep) as folder:
        if database_url is not None:
            async with on_server(database_url) as server:
                yield _filled(Ground(folder, server.database(), seed), size, console)
            return
        marker = folder / "catalog.json"
        wanted = Kept(size, seed)
        found = msgspec.json.decode(marker.read_bytes(), type=Kept) if marker.exists() else None
        if found not in (None, wanted) or (found is None and any(folder.iterdir())):
            raise WrongFolder(f"{folder} holds something else: give --keep an empty folder, or none.")
        with embedded(folder / "postgres") as own:
            ground = Ground(folder, own.database(), seed)
            if found is None:
                _filled(ground, size, console)
                marker.write_bytes(msgspec.json.encode(wanted))
            yield ground


def _filled(ground: Ground, size: str, console: Console) -> Ground:
    products, orders = SIZES[size]
    console.print(f"Loading {products:,} products and {orders:,} orders.")
    ground.load(products, orders)
    return ground


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    # Not below a folder that is closed to others: started by root, the database runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="entrepot-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
