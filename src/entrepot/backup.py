"""Backup and restore: one file with all that a shop is, taken while it sells.

The file is a tar of `database.dump` (one consistent moment, by pg_dump), `media/`, `keys/` and `backup.json`. Files are
gathered before the dump and once more after it, so that whatever its rows name is there: files never change, new ones
come, and old ones go only after their rows. The search index is not in it; it is built anew.

Whoever has the file has the shop: it holds people's data and the keys that sign tokens. It is made readable by its owner
only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import quote, urlsplit, urlunsplit

import msgspec

from entrepot.databases import bring_up_to_date, connect
from entrepot.kernel import clock
from entrepot.kernel.embedded_postgres import tool
from entrepot.serving import StartError
from entrepot.settings import Settings

DUMP: Final = "database.dump"
MANIFEST: Final = "backup.json"
FOLDERS: Final = ("media", "keys")
"""Of the data folder, besides the database."""
KNOWS_TRANSACTION_TIMEOUT: Final = 17
HEAD_LINES: Final = 40
"""The settings stand in the first lines of a script."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is of. Without `files`, they lie in a bucket, which is backed up where it is."""

    version: str
    made_at: datetime
    files: int | None
    format: int = 1


def back_up(settings: Settings, dsn: str, file: Path) -> Manifest:
    """Write the backup; the file appears when it is whole. Raises StartError."""
    if file.exists():
        raise StartError(f"{file} exists already: choose another name, or move it away.")
    if not file.parent.is_dir():
        raise StartError(f"There is no folder {file.parent}: make it, or choose another.")
    part = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            manifest = _write(settings, dsn, out, part.parent)
        part.rename(file)
    except OSError as error:
        raise StartError(f"The backup could not be written to {file}: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(settings: Settings, dsn: str, out: IO[bytes], beside: Path) -> Manifest:
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        there = _add_files(archive, settings.home, set())
        with tempfile.NamedTemporaryFile(dir=beside, prefix=".dump-") as dump:
            _run([*_to(dsn, "pg_dump"), "--format=custom", f"--file={dump.name}"], dsn)
            archive.add(dump.name, DUMP, filter=_anonymous)
        _add_files(archive, settings.home, there)
        in_bucket = settings.aws_s3_bucket is not None
        manifest = Manifest(metadata.version("entrepot"), clock.now(), None if in_bucket else len(there))
        _add_bytes(archive, MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _add_files(archive: tarfile.TarFile, home: Path, there: set[str]) -> set[str]:
    """Add the files of the data folder that are not in it yet; `there` grows by their names, and is returned."""
    for path in _files(home):
        name = path.relative_to(home).as_posix()
        if name not in there:
            with suppress(FileNotFoundError):  # deleted meanwhile, because nothing named it any more
                archive.add(path, name, recursive=False, filter=_anonymous)
                there.add(name)
    return there


def _files(home: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in sorted((home / folder).rglob("*")) if path.is_file() and not path.is_symlink())


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without whose it was here."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    with tempfile.TemporaryFile() as whole:
        whole.write(content)
        whole.seek(0)
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, whole)


async def restore(settings: Settings, dsn: str, file: Path) -> Manifest:
    """Make an empty database and data folder the shop that the backup is of, and bring it up to date.

    Raises:
        StartError: the file is no backup, or the database or the folder is not empty; then nothing was changed.
    """
    version = await _refuse_unless_empty(settings, dsn)
    with tempfile.TemporaryDirectory(prefix="entrepot-restore-") as folder:
        manifest = _unpack(file, Path(folder))
        _load(Path(folder) / DUMP, dsn, version)
        for name in FOLDERS:
            if (Path(folder) / name).exists():
                shutil.copytree(Path(folder) / name, settings.home / name, dirs_exist_ok=True)
    await bring_up_to_date(dsn)
    return manifest


async def _refuse_unless_empty(settings: Settings, dsn: str) -> int:
    """The major version of the server."""
    connection = await connect(dsn)
    try:
        taken = await connection.fetchval(
            "select exists (select from pg_class where relnamespace = 'public'::regnamespace)"
        )
        version = int(await connection.fetchval("show server_version_num")) // 10_000
    finally:
        await connection.close()
    if taken:
        raise StartError(
            "The database is not empty, and a backup is never put over a shop: "
            "name a new data folder with ENTREPOT_HOME, or a new database with DATABASE_URL."
        )
    if any((settings.home / folder).exists() and any((settings.home / folder).iterdir()) for folder in FOLDERS):
        raise StartError(f"There are files of a shop in {settings.home}: name a new data folder with ENTREPOT_HOME.")
    return version


def _unpack(file: Path, folder: Path) -> Manifest:
    """Write the members that belong to a backup into the folder. Raises StartError for any other file."""
    try:
        with tarfile.open(file, "r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if _belongs(member) else None
                if content is None:
                    raise StartError(f"{file} is no backup of a shop: it has {member.name!r} in it.")
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as out:
                    shutil.copyfileobj(content, out)
                path.chmod(0o600 if member.name.startswith("keys/") else 0o644)
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, FileNotFoundError, FileExistsError, EOFError, msgspec.MsgspecError) as error:
        raise StartError(f"{file} is no whole backup of a shop: {error}.") from None


def _belongs(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    known = member.name in (DUMP, MANIFEST) or path.parts[0] in FOLDERS
    return member.isfile() and known and not path.is_absolute() and ".." not in path.parts


def _load(dump: Path, dsn: str, version: int) -> None:
    """All of the dump or nothing."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error"]
    if version >= KNOWS_TRANSACTION_TIMEOUT:
        _run([*_to(dsn, "pg_restore"), *options, "--single-transaction", str(dump)], dsn)
        return
    # pg_restore sets what older servers do not know, and stops at their refusal: they get a script without that line.
    script = [str(tool("pg_restore")), *options, "--file=-", str(dump)]
    load = [
        *_to(dsn, "psql"),
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
    ]
    with (
        subprocess.Popen(script, stdout=subprocess.PIPE) as reading,  # noqa: S603
        subprocess.Popen(load, stdin=subprocess.PIPE, env=_environment(dsn)) as writing,  # noqa: S603
    ):
        if reading.stdout is None or writing.stdin is None:
            raise StartError("pg_restore and psql could not be joined.")
        with suppress(BrokenPipeError), writing.stdin as script_in:
            for _ in range(HEAD_LINES):
                line = reading.stdout.readline()
                if b"transaction_timeout" not in line or line.startswith(b"SET idle"):
                    script_in.write(line)
            shutil.copyfileobj(reading.stdout, script_in)
    if reading.returncode or writing.returncode:
        raise StartError("The backup could not be loaded: what is above says why. Nothing was changed.")


def _to(dsn: str, program: str) -> list[str]:
    """A program of PostgreSQL and where it connects to, without the password, which everybody could read there."""
    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    who = f"{quote(parts.username)}@" if parts.username else ""
    return [str(tool(program)), f"--dbname={urlunsplit(parts._replace(scheme='postgresql', netloc=f'{who}{place}'))}"]


def _environment(dsn: str) -> dict[str, str]:
    password = urlsplit(dsn).password
    return {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _run(command: list[str], dsn: str) -> None:
    done = subprocess.run(command, env=_environment(dsn), capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise StartError(f"{Path(command[0]).name} failed: {done.stderr.decode(errors='replace').strip()[-1000:]}")
