"""The life of the PostgreSQL server that comes with Entrepot: begun by its first user, ended by its last.

Three locks in the folder carry it. The kernel drops them when a process dies, however it dies, so nothing has to be
counted, and no process id in a file has to be believed:
- `start.lock` is held while a process finds or starts the server;
- `users.lock` is shared by the processes that use the server, so whoever can have it alone is the last;
- `server.lock` is inherited by the server and all its children, so whoever can have it knows that none is left.
"""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from entrepot.kernel.embedded_postgres_folder import (
    DATABASE,
    LOGS,
    ROLE,
    SERVER_LOCK,
    SOCKET_NAME,
    START_LOCK,
    USERS_LOCK,
    Account,
    EmbeddedPostgresError,
    claim,
    in_plain_words,
    tool,
)
from entrepot.kernel.embedded_postgres_server import (
    Server,
    complaint,
    end_orphans,
    find_server,
    launch,
    runs_without_durability,
)

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "tool"]

log = logging.getLogger("entrepot.postgres")

FAST_STOP_LIMIT_S = 60.0
IMMEDIATE_STOP_LIMIT_S = 10.0
ORPHAN_GRACE_S = 3.0


class EmbeddedPostgres:
    """One process's use of the server in a folder.

    `durable=False` gives up safety at a power loss for speed, for tests. `limit_s` bounds the wait for another process
    that is starting or stopping the server, and for recovery after a crash.
    """

    def __init__(self, folder: Path, *, durable: bool = True, limit_s: float = 600) -> None:
        self.folder = Path(os.path.realpath(folder))
        self._durable = durable
        self._limit_s = limit_s
        self._account: Account | None = None
        self._users_lock: int | None = None
        self._socket_folder = self.folder

    def start(self) -> str:
        """Use the server, starting it where it does not run yet, and give the DSN of the database `entrepot`.

        Refuses with EmbeddedPostgresError, whose text tells the operator what to do.
        """
        if self._users_lock is None:
            with in_plain_words(self.folder):
                self._join()
        return self.dsn()

    def dsn(self, database: str = DATABASE) -> str:
        """The DSN of a database in the server, through its Unix socket; asyncpg and libpq take it."""
        return f"postgresql://{ROLE}@/{quote(database, safe='')}?host={quote(str(self._socket_folder))}&port=5432"

    def stop(self) -> None:
        """Stop using the server; its last user ends it. May be called again, and after the server's own death."""
        if self._users_lock is None or self._account is None:
            return
        users_lock, self._users_lock = self._users_lock, None
        try:
            # Trying gives up one's own share first, so of several that leave at once the last to try gets it.
            if try_lock(users_lock, fcntl.LOCK_EX) and self.folder.exists():
                with in_plain_words(self.folder):
                    end_server(self.folder, self._account)
        finally:
            os.close(users_lock)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _join(self) -> None:
        account = self._account = claim(self.folder)
        start_lock = open_lock(self.folder, account, START_LOCK)
        try:
            self._wait_for(start_lock, fcntl.LOCK_EX, "another process that is starting PostgreSQL")
            users_lock = self._users_lock = open_lock(self.folder, account, USERS_LOCK)
            self._wait_for(users_lock, fcntl.LOCK_SH, "another process that is stopping PostgreSQL")
            self._socket_folder = self._find_or_launch(account, users_lock).socket_folder
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(start_lock)

    def _wait_for(self, lock: int, kind: int, reason: str) -> None:
        for _ in ticks(self._limit_s, f"Waiting for {reason} in {self.folder}."):
            if try_lock(lock, kind):
                return
        raise EmbeddedPostgresError(
            f"Waited {self._limit_s:.0f} s for {reason} in {self.folder}: end that process, and try again."
        )

    def _find_or_launch(self, account: Account, users_lock: int) -> Server:
        """Wait for a server that runs, or is starting or dying; launch one as soon as there is certainly none."""
        launched = False
        for waited_s in ticks(self._limit_s, f"Waiting for PostgreSQL in {self.folder}; it may be recovering."):
            server = find_server(self.folder)
            if server and server.ready and server.answers:
                self._refuse_less_durable()
                return server
            if server and server.ready:
                self._end_unreachable(server, account, users_lock)
            if server:
                continue
            with lock_of_dead_server(self.folder, account) as server_lock:
                if server_lock is None:
                    if waited_s > ORPHAN_GRACE_S:
                        end_orphans(self.folder, account)
                elif launched:
                    raise EmbeddedPostgresError(complaint(self.folder))
                else:
                    launch(self.folder, account, server_lock, durable=self._durable)
                    launched = True
        raise EmbeddedPostgresError(
            f"PostgreSQL in {self.folder} was not ready after {self._limit_s:.0f} s: see {self.folder / LOGS}."
        )

    def _refuse_less_durable(self) -> None:
        if self._durable and runs_without_durability(self.folder):
            raise EmbeddedPostgresError(
                f"PostgreSQL in {self.folder} runs without durability, for tests: end the processes that use it first."
            )

    def _end_unreachable(self, server: Server, account: Account, users_lock: int) -> None:
        """End a server whose socket was deleted, as by a cleaner of temporary files, unless others are using it."""
        if (server.socket_folder / SOCKET_NAME).exists():
            return  # merely more connections at once than it can queue
        if not try_lock(users_lock, fcntl.LOCK_EX):
            raise EmbeddedPostgresError(
                f"The socket of the running PostgreSQL, in {server.socket_folder}, was deleted: "
                f"end the processes that use {self.folder}, and start again."
            )
        server.send(signal.SIGINT, account)
        try_lock(users_lock, fcntl.LOCK_SH)


def end_server(folder: Path, account: Account) -> None:
    # A fast shutdown; then an immediate one, which loses nothing either but has to recover at the next start.
    for kind, limit_s in ((signal.SIGINT, FAST_STOP_LIMIT_S), (signal.SIGQUIT, IMMEDIATE_STOP_LIMIT_S)):
        if end_server_by(kind, limit_s, folder, account):
            return
    log.warning("PostgreSQL in %s does not end: look for its processes.", folder)


def end_server_by(kind: signal.Signals, limit_s: float, folder: Path, account: Account) -> bool:
    signalled = False
    for waited_s in ticks(limit_s, f"Waiting for PostgreSQL in {folder} to end."):
        server = find_server(folder)
        if server and not signalled:
            if not server.send(kind, account):
                return True
            signalled = True
        if server is None:
            with lock_of_dead_server(folder, account) as server_lock:
                if server_lock is not None:
                    return True
            if waited_s > ORPHAN_GRACE_S:
                end_orphans(folder, account)
    return False


@contextmanager
def lock_of_dead_server(folder: Path, account: Account) -> Iterator[int | None]:
    """Hold `server.lock`, or None where a process of a server still has it."""
    lock = open_lock(folder, account, SERVER_LOCK)
    try:
        yield lock if try_lock(lock, fcntl.LOCK_EX) else None
    finally:
        os.close(lock)  # closed, never unlocked: a server launched meanwhile holds the very same lock


def open_lock(folder: Path, account: Account, name: str) -> int:
    with account.acting():
        return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_lock(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def ticks(limit_s: float, message: str) -> Iterator[float]:
    """Come back every few milliseconds until the limit with the seconds waited, and log now and then what for."""
    began = time.monotonic()
    say_at_s = 2.0
    while (waited_s := time.monotonic() - began) < limit_s:
        yield waited_s
        if waited_s > say_at_s:
            log.info(message)
            say_at_s = waited_s + 10
        time.sleep(0.01 if waited_s < 2 else 0.1)
