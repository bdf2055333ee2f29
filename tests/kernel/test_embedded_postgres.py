"""The life of the embedded PostgreSQL, with real servers: who starts and ends it, and what crashes leave behind."""

import asyncio
import errno
import fcntl
import logging
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from entrepot.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, tool
from entrepot.kernel.embedded_postgres_folder import sentence
from entrepot.kernel.embedded_postgres_settings import identities, settings

AS_ROOT = os.geteuid() == 0

CLIENT = """
import sys
from pathlib import Path
from entrepot.kernel.embedded_postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as server:
    print(server.dsn(), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "pg"


@pytest.fixture
def folder(shared_folder: Path) -> Iterator[Path]:
    """A folder with a cluster whose server does not run; a test that fails leaves none running either."""
    yield shared_folder
    end_by_force(shared_folder)


@pytest.fixture
def new_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "pg"
    end_by_force(tmp_path / "pg")


# ---- using it ----


async def test_a_new_cluster_is_as_the_application_needs_it(folder: Path) -> None:
    with using(folder) as server:
        connection = await asyncpg.connect(server.dsn())
        try:
            for setting, value in {
                "server_encoding": "UTF8",
                "data_checksums": "on",
                "TimeZone": "UTC",
                "listen_addresses": "",
                "max_connections": "200",
                "fsync": "off",
                "jit": "off",
                "log_min_messages": "log",
            }.items():
                assert await connection.fetchval("SELECT current_setting($1)", setting) == value, setting
            assert await connection.fetchval("SELECT current_database() || '/' || current_user") == "entrepot/entrepot"
            # The character classes of Unicode, in the order of code points.
            assert await connection.fetchval("SELECT upper('é') || lower('Ω')") == "Éω"
            assert await connection.fetchval("SELECT 'Z' < 'a'")
        finally:
            await connection.close()


def test_it_is_shut_to_others_and_apart_from_our_terminal(folder: Path) -> None:
    with using(folder):
        pid = server_pid(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert os.getsid(pid) != os.getsid(0)
        if sys.platform == "linux":
            links = [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]
            assert {link.name for link in links if link.suffix == ".lock"} == {"server.lock"}


def test_a_restart_keeps_the_data(folder: Path) -> None:
    with using(folder) as server:
        sql(server, "CREATE TABLE kept AS SELECT 42 AS n")
    assert not is_running(folder)
    with using(folder) as server:
        assert sql(server, "TABLE kept") == "42"
        sql(server, "DROP TABLE kept")


def test_a_second_start_uses_the_same_server_and_the_last_user_ends_it(folder: Path) -> None:
    first, second = an_embedded(folder), an_embedded(folder)
    assert first.start() == first.start() == second.start()
    pid = server_pid(folder)

    first.stop()
    first.stop()
    assert server_pid(folder) == pid
    assert sql(second, "SELECT 1") == "1"

    second.stop()
    assert not is_running(folder)


def test_processes_that_start_at_once_share_one_server(new_folder: Path) -> None:
    clients = [a_client(new_folder) for _ in range(4)]
    assert len({said(client) for client in clients}) == 1
    for client in clients[1:]:
        leave(client)
    assert is_running(new_folder)
    leave(clients[0])
    assert not is_running(new_folder)


def test_processes_that_leave_at_once_leave_no_server(folder: Path) -> None:
    clients = [a_client(folder) for _ in range(4)]
    for client in clients:
        said(client)
    for client in clients:
        assert client.stdin
        client.stdin.close()
    assert [client.wait(20) for client in clients] == [0] * 4
    assert not is_running(folder)


@pytest.mark.parametrize("name", ["x" * 90, 'a, b\'s "c" $(d) %41 é'], ids=["long", "odd"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    server = an_embedded(tmp_path / name)
    asyncio.run(connect_and_close(server.start()))
    assert sql(server, "SELECT 1") == "1"
    socket_folder = Path(sql(server, "SHOW unix_socket_directories"))
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    server.stop()
    socket_folder.rmdir()
    with server:
        assert sql(server, "SELECT 1") == "1"
    socket_folder.rmdir()


# ---- crashes ----


def test_a_killed_client_is_not_counted(folder: Path) -> None:
    client = a_client(folder)
    said(client)
    server = an_embedded(folder)
    server.start()
    client.kill()
    leave(client)
    assert is_running(folder)
    server.stop()
    assert not is_running(folder)


def test_a_server_left_by_killed_clients_is_used_again(folder: Path) -> None:
    client = a_client(folder)
    said(client)
    pid = server_pid(folder)
    client.kill()
    leave(client)
    with using(folder):
        assert server_pid(folder) == pid
    assert not is_running(folder)


def test_a_killed_server_starts_again_and_recovers(folder: Path) -> None:
    with using(folder) as server:
        sql(server, "CREATE TABLE recovered AS SELECT 42 AS n")
        os.kill(server_pid(folder), signal.SIGKILL)
        with using(folder) as another:
            assert sql(another, "TABLE recovered") == "42"
            sql(another, "DROP TABLE recovered")
        assert is_running(folder)
    assert not is_running(folder)


def test_stop_after_the_death_of_the_server(folder: Path) -> None:
    with using(folder) as server:
        os.kill(server_pid(folder), signal.SIGKILL)
        server.stop()
        assert not is_running(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_busy_child_of_a_killed_server_is_ended_before_a_new_one_starts(folder: Path) -> None:
    with using(folder) as server:
        busy = subprocess.Popen(
            [tool("psql"), "-c", "SELECT count(*) FROM generate_series(1, 1e11)", server.dsn()],
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: sql(server, "SELECT query FROM pg_stat_activity WHERE query LIKE '%1e11)'") != "")
        os.kill(server_pid(folder), signal.SIGKILL)
        with using(folder) as another:
            assert sql(another, "SELECT 1") == "1"
        busy.wait(5)


def test_the_id_of_a_foreign_process_in_the_way(folder: Path) -> None:
    with using(folder):
        pid_file = (folder / "data" / "postmaster.pid").read_text()
        socket_lock = (folder / ".s.PGSQL.5432.lock").read_text()
        owner = folder.stat().st_uid
    foreign = subprocess.Popen(["sleep", "60"], user=owner if AS_ROOT else None)
    try:
        for path, text in {"data/postmaster.pid": pid_file, ".s.PGSQL.5432.lock": socket_lock}.items():
            (folder / path).write_text("\n".join([str(foreign.pid), *text.splitlines()[1:]]) + "\n")
            os.chown(folder / path, owner, -1)
        with using(folder) as server:
            assert sql(server, "SELECT 1") == "1"
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()


def test_an_unfinished_cluster_is_made_anew(new_folder: Path) -> None:
    for killed_after_s in (0.1, 0.25, 0.4):
        client = a_client(new_folder)
        time.sleep(killed_after_s)
        client.kill()
        leave(client)
    with using(new_folder) as server:
        assert sql(server, "SELECT 1") == "1"
    assert not (new_folder / "data.unfinished").exists()


def test_remains_of_an_unfinished_cluster_are_removed(new_folder: Path) -> None:
    (new_folder / "data.unfinished" / "base").mkdir(parents=True)
    (new_folder / "data.unfinished" / "PG_VERSION").write_text("18\n")
    if AS_ROOT:
        with using(new_folder.parent / "other"):
            account = (new_folder.parent / "other").stat()
        for path in (new_folder, *new_folder.rglob("*")):
            os.chown(path, account.st_uid, account.st_gid)
    with using(new_folder) as server:
        assert sql(server, "SELECT 1") == "1"
    assert not (new_folder / "data.unfinished").exists()


def test_a_deleted_socket_comes_back_once_nobody_uses_the_server(folder: Path) -> None:
    client = a_client(folder)
    said(client)
    pid = server_pid(folder)
    (folder / ".s.PGSQL.5432").unlink()
    with pytest.raises(EmbeddedPostgresError, match="was deleted: end the processes that use"):
        an_embedded(folder).start()
    client.kill()
    leave(client)
    with using(folder) as server:
        assert sql(server, "SELECT 1") == "1"
        assert server_pid(folder) != pid
    assert not is_running(folder)


def test_the_last_user_ends_a_server_whose_socket_was_deleted(folder: Path) -> None:
    with using(folder):
        (folder / ".s.PGSQL.5432").unlink()
    assert not is_running(folder)


# ---- refusals ----


def test_folders_that_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter.txt").write_text("")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "PG_VERSION").write_text("16\n")
    (tmp_path / "project" / "data").mkdir(parents=True)
    for path, message in {
        "file": "file is a file: choose a folder",
        "file/below": "is not a folder, or lies below a file",
        "documents": r"holds other files \(letter.txt\): choose an empty folder",
        "foreign": "holds data that Entrepot did not make",
        "project": "holds data that Entrepot did not make",
    }.items():
        with pytest.raises(EmbeddedPostgresError, match=message):
            an_embedded(tmp_path / path).start()
    for path in ("documents", "foreign", "project"):
        assert (tmp_path / path).stat().st_uid == os.geteuid()
        assert stat.S_IMODE((tmp_path / path).stat().st_mode) != 0o700


@pytest.mark.parametrize(
    ("version", "message"),
    [("16\n", "made by PostgreSQL 16, and this is PostgreSQL 18: take a dump"), ("", "is damaged")],
)
def test_clusters_of_another_version_or_none(folder: Path, version: str, message: str) -> None:
    with using(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text(version)
    try:
        with pytest.raises(EmbeddedPostgresError, match=message):
            an_embedded(folder).start()
    finally:
        (folder / "data" / "PG_VERSION").write_text("18\n")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    with using(folder):
        pass
    own = folder / "data" / "postgresql.auto.conf"
    text = own.read_text()
    own.write_text(text + "shared_buffers = '900TB'\n")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"could not start \(.+\): see .*log"):
            an_embedded(folder).start()
    finally:
        own.write_text(text)


def test_the_wait_for_another_process_has_a_limit(folder: Path) -> None:
    with using(folder):
        pass
    with (folder / "start.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedPostgresError, match="Waited 0 s for another process that is starting"):
            EmbeddedPostgres(folder, durable=False, limit_s=0.1).start()


def test_durability_is_not_lost_to_another_user_of_the_server(folder: Path) -> None:
    with using(folder), pytest.raises(EmbeddedPostgresError, match="without durability, for tests"):
        EmbeddedPostgres(folder).start()
    with EmbeddedPostgres(folder) as server:
        assert sql(server, "SHOW fsync") == "on"
        assert sql(server, "SHOW synchronous_commit") == "on"


@pytest.mark.skipif(not AS_ROOT, reason="needs a small file system of its own")
def test_a_full_disk(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "none", tmp_path], capture_output=True).returncode:
        pytest.skip("may not mount")
    try:
        with pytest.raises(EmbeddedPostgresError, match=r"The disk that holds .* is full: free some space"):
            an_embedded(tmp_path / "pg").start()
        subprocess.run(["mount", "-o", "remount,ro", tmp_path], check=True)
        with pytest.raises(EmbeddedPostgresError, match="is on a read-only file system"):
            an_embedded(tmp_path / "pg").start()
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "The disk that holds /pg is full: .*"),
        (errno.EACCES, "Permission to use /pg/x is missing: .*"),
        (errno.EROFS, "/pg/x is on a read-only file system: .*"),
        (errno.EIO, r"The database folder /pg cannot be used \(.*Input/output error.*\): .*"),
    ],
)
def test_errors_of_the_operating_system_become_sentences(number: int, message: str) -> None:
    assert re.fullmatch(message, sentence(OSError(number, os.strerror(number), "/pg/x"), Path("/pg")))


def test_a_tool_that_is_not_there() -> None:
    assert tool("pgbench").is_file()
    with pytest.raises(EmbeddedPostgresError, match="has no program nonsense"):
        tool("nonsense")


# ---- rights ----


@pytest.mark.skipif(not AS_ROOT, reason="needs other users")
def test_another_user_is_refused_even_where_the_folder_is_open(new_folder: Path) -> None:
    with using(new_folder) as server:
        new_folder.chmod(0o711)
        (new_folder / ".s.PGSQL.5432").chmod(0o777)
        refused = subprocess.run(
            [tool("psql"), "-c", "SELECT 1", server.dsn()],
            user="nobody",
            group="nogroup",
            extra_groups=[],
            cwd="/",
            capture_output=True,
            text=True,
        )
        assert "Peer authentication failed" in refused.stderr


@pytest.mark.skipif(not AS_ROOT, reason="needs other users")
def test_folders_above_are_opened_for_passing_only_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with caplog.at_level(logging.WARNING, "entrepot.postgres"), using(closed / "pg"):
        pass
    assert stat.S_IMODE(closed.stat().st_mode) == 0o701
    assert f"Let other users pass through {closed}" in caplog.text


def test_settings_and_identities() -> None:
    assert "fsync = on" in settings(Path("/pg"), durable=True)
    assert "fsync = off" in settings(Path("/pg"), durable=False)
    assert identities(["root", 'a"b']) == 'entrepot "root" all\nentrepot "a""b" all\n'


# ---- what the tests share ----


async def connect_and_close(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.close()


def an_embedded(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, durable=False, limit_s=30)


@contextmanager
def using(folder: Path) -> Iterator[EmbeddedPostgres]:
    with an_embedded(folder) as server:
        yield server


def a_client(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def said(client: subprocess.Popen[str]) -> str:
    assert client.stdout
    line = client.stdout.readline()
    assert line.startswith("postgresql://")
    return line


def leave(client: subprocess.Popen[str]) -> None:
    client.communicate(timeout=20)


def sql(server: EmbeddedPostgres, statement: str) -> str:
    done = subprocess.run([tool("psql"), "-XAtc", statement, server.dsn()], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def server_pid(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def is_running(folder: Path) -> bool:
    with (folder / "server.lock").open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def end_by_force(folder: Path) -> None:
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(server_pid(folder), signal.SIGQUIT)


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")
