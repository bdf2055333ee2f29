"""Where a database's index lies: one folder for each generation, the name of the one that is served, and the writer's lock.

<home>/search/<database>/writer.lock      held by the process that writes; the system drops it when that process dies
                         current          the name of the generation that is served
                         v1-3f9a.../      a Tantivy index, and `position.json`: up to where it knows the database
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from entrepot.search import schema

CURRENT: Final = "current"
POSITION: Final = "position.json"
META: Final = "meta.json"
DAMAGED: Final = "damaged"
WANTED: Final = "rebuild"
PROGRESS: Final = "progress.json"

FOOTER_MAGIC: Final = 1337
MOST_FOOTER_BYTES: Final = 10_000
CHUNK_BYTES: Final = 1 << 20
PARTS: Final = ("idx", "pos", "term", "store", "fast", "fieldnorm")
"""The files that every segment of an index has."""


class Damaged(Exception):
    """The index cannot be trusted; the message says why."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where an index knows the database.

    `snapshot` (of PostgreSQL) says which transactions it has seen, also where a later one overtook an earlier; so nothing is
    missed and little is read twice. `event_id` is the newest event there was: if all up to it are gone, some that are not
    known may be gone as well. `categories` has what was indexed of each category, to see which of them are different now.
    `complete`: all products were read once.
    """

    snapshot: str
    event_id: int
    complete: bool
    categories: dict[int, int] = {}


class WriterLock:
    """Held by one process at a time. The system drops it when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take it if nobody has it."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            raise
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class IndexFolder:
    """The generations of one database's index. Reads and writes of small files, and no more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.lock = WriterLock(path / "writer.lock")

    def current(self) -> Path | None:
        """The generation that is served, if there is one that this version of the program can read."""
        try:
            name = (self.path / CURRENT).read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return None
        generation = self.path / name
        is_ours = re.fullmatch(rf"v{schema.VERSION}-[0-9a-f]+", name) is not None
        return generation if is_ours and (generation / META).exists() else None

    def building(self) -> Path | None:
        """The generation that is being built, if one is."""
        unfinished = (path for path in self.path.iterdir() if path.is_dir() and (path / PROGRESS).exists())
        return next((path for path in unfinished if not (path / POSITION).exists()), None)

    def new_generation(self) -> Path:
        generation = self.path / f"v{schema.VERSION}-{secrets.token_hex(6)}"
        generation.mkdir(mode=0o700)
        return generation

    def serve(self, generation: Path) -> None:
        """From now on every process reads this generation."""
        write_whole(self.path / CURRENT, generation.name.encode())

    def forget_others(self, kept: Path) -> None:
        """Delete the other generations. Who still reads one has its files open, and keeps them until it looks again."""
        for path in self.path.iterdir():
            if path.is_dir() and path != kept:
                shutil.rmtree(path, ignore_errors=True)

    def report_damage(self, generation: Path, reason: str) -> None:
        """Tell the process that writes."""
        with suppress(FileNotFoundError):  # the generation is gone already
            write_whole(generation / DAMAGED, reason.encode())


def reported_damage(generation: Path) -> str | None:
    """What another process has found wrong with the generation."""
    return _text_in(generation / DAMAGED)


def _text_in(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None


class Progress(msgspec.Struct, frozen=True):
    """How far a generation is built."""

    done: int
    total: int


def keep_progress(generation: Path, done: int, total: int) -> None:
    write_whole(generation / PROGRESS, msgspec.json.encode(Progress(done, total)))


def progress_of(generation: Path) -> tuple[int, int] | None:
    """How many of how many products it has."""
    try:
        progress = msgspec.json.decode((generation / PROGRESS).read_bytes(), type=Progress)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return progress.done, progress.total


def want_rebuild(generation: Path, reason: str) -> None:
    """Ask the process that writes to build another one; this one is served until then."""
    write_whole(generation / WANTED, reason.encode())


def wanted_rebuild(generation: Path) -> str | None:
    """Why another one is wanted, if it is."""
    return _text_in(generation / WANTED)


def position_of(generation: Path) -> Position | None:
    """None where there is none, or none that can be read."""
    try:
        return msgspec.json.decode((generation / POSITION).read_bytes(), type=Position)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def keep_position(generation: Path, position: Position) -> None:
    """After the index has committed, never before: a position may lag behind its index, and must not run ahead of it."""
    write_whole(generation / POSITION, msgspec.json.encode(position))


def write_whole(path: Path, content: bytes) -> None:
    """A reader sees the old content or the new one, also after a crash."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def mark_of(generation: Path) -> tuple[int, int] | None:
    """Differs after every commit of the index; None when there is none."""
    try:
        found = (generation / META).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def refuse_damaged(generation: Path, *, thorough: bool = True) -> None:
    """Look at every file of the index. `thorough`: compare it with its checksum, a second for each GB. Raises Damaged."""
    for path in _files_of(generation):
        if (reason := _fault_of(path, thorough=thorough)) is not None:
            raise Damaged(f"{path.name} {reason}")


class _Deletes(msgspec.Struct):
    opstamp: int


class _Segment(msgspec.Struct):
    segment_id: str
    deletes: _Deletes | None = None


class _Meta(msgspec.Struct):
    segments: list[_Segment]


def _files_of(generation: Path) -> Iterator[Path]:
    try:
        meta = msgspec.json.decode((generation / META).read_bytes(), type=_Meta)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise Damaged(f"{META} cannot be read: {error}") from None
    for segment in meta.segments:
        name = segment.segment_id.replace("-", "")
        yield from (generation / f"{name}.{part}" for part in PARTS)
        if segment.deletes is not None:
            yield generation / f"{name}.{segment.deletes.opstamp}.del"


class _Footer(msgspec.Struct):
    crc: int


def _fault_of(path: Path, *, thorough: bool) -> str | None:
    """Tantivy ends each file with a footer in JSON (which has the CRC-32 of all before it), its length and a magic number."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(0, size - 8))
            length, magic = struct.unpack("<II", file.read(8))
            if magic != FOOTER_MAGIC or not 0 < length <= min(MOST_FOOTER_BYTES, size - 8):
                return "has no footer"
            body = size - 8 - length
            file.seek(body)
            expected = msgspec.json.decode(file.read(length), type=_Footer).crc
            file.seek(0)
            if not thorough:
                return None
            return None if _crc(file.read, body) == expected else "does not match its checksum"
    except FileNotFoundError:
        return "is missing"
    except (struct.error, msgspec.DecodeError):
        return "is cut off"


def _crc(read: Callable[[int], bytes], length: int) -> int:
    crc = 0
    while length > 0 and (chunk := read(min(CHUNK_BYTES, length))):
        crc = zlib.crc32(chunk, crc)
        length -= len(chunk)
    return crc
