"""The server process of the embedded PostgreSQL: making its cluster, launching, finding and signalling it.

What is here holds no lock of its own: `embedded_postgres` calls it under `start.lock`, and hands in `server.lock` for
every program that writes to the cluster to inherit.
"""

import logging
import os
import re
import shutil
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from entrepot.kernel.embedded_postgres_folder import (
    CLUSTER,
    DATABASE,
    LOGS,
    MAJOR_VERSION,
    ROLE,
    SETTINGS_FILE,
    SOCKET_NAME,
    UNFINISHED_CLUSTER,
    Account,
    EmbeddedPostgresError,
    disk_full,
    socket_folder_for,
    tool,
    user_name,
)
from entrepot.kernel.embedded_postgres_settings import (
    NOT_DURABLE,
    host_based_authentication,
    identities,
    settings,
)

log = logging.getLogger("entrepot.postgres")

GRAVE = re.compile(r"(?:ERROR|FATAL|PANIC|error): +")
ANSWER_LIMIT_S = 5.0
# How a session begins, and at once ends, in the protocol of PostgreSQL.
SESSION = b"user\0%b\0database\0%b\0\0" % (ROLE.encode(), DATABASE.encode())
GREETING = struct.pack("!ii", len(SESSION) + 8, 3 << 16) + SESSION + struct.pack("!ci", b"X", 4)
CANNOT_CONNECT_NOW = b"57P03"  # it is starting, recovering after the crash of a child, or shutting down
START_OUTPUT = "start.log"
PID_FILE = "postmaster.pid"
NO_PROCESS = "2147483647"
# Refused statements come back to the application, which reports them; here their text would be people's data, and fill
# the disk. In the server's log 'log' stands above 'error'. Processes of the server itself still report from 'warning'.
FIRST_STATEMENTS = f"""
CREATE DATABASE {DATABASE};
ALTER ROLE {ROLE} SET log_min_messages = 'log';
"""
LARGEST_LOG_BYTES = 10_000_000
OLDEST_LOG_S = 6 * 24 * 3600


@dataclass(frozen=True)
class Server:
    """A server process that certainly lives."""

    pid: int | None  # None where it lives in another container that shares the folder
    socket_folder: Path
    ready: bool
    answers: bool

    def send(self, kind: signal.Signals, account: Account) -> bool:
        """Send it a signal, and say whether that could be done."""
        if self.pid is None:
            log.warning("PostgreSQL in %s runs in another container: stop it there.", self.socket_folder)
            return False
        with account.acting(), suppress(ProcessLookupError):
            os.kill(self.pid, kind)
        return True


def find_server(folder: Path) -> Server | None:
    """The server of this folder: one that answers at its socket, or else whose process works there.

    The file with its id is only a hint: after a crash the id may be any other process's.
    """
    lines = read_text(folder / CLUSTER / PID_FILE).splitlines()
    if len(lines) < 5 or not lines[0].isdigit() or not lines[4]:
        return None
    pid, socket_folder = int(lines[0]), Path(lines[4])
    ready = len(lines) > 7 and lines[7].strip() == "ready"
    works_there = is_server_process(pid, folder / CLUSTER)
    if works_there and not ready:  # greeting it would only fill its log with refusals
        return Server(pid, socket_folder, ready, answers=False)
    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.settimeout(ANSWER_LIMIT_S)
        client.connect(str(socket_folder / SOCKET_NAME))
        client.sendall(GREETING)
        if answer := client.recv(1024):  # a dying server still lets us connect, but says nothing
            return Server(listener_pid(client, pid), socket_folder, ready, answers=CANNOT_CONNECT_NOW not in answer)
    return Server(pid, socket_folder, ready, answers=False) if works_there else None


def listener_pid(client: socket.socket, hint: int) -> int | None:
    """The id of the process at the other end: the kernel's word on Linux, elsewhere the hint."""
    if sys.platform != "linux":
        return hint
    pid, _, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(pid) or None


def end_orphans(folder: Path, account: Account) -> None:
    """Kill children that outlive a killed server: a long query may keep one, and with it the lock, for hours."""
    parent = read_text(folder / CLUSTER / PID_FILE).partition("\n")[0]
    if not parent.isdigit() or parent == NO_PROCESS or is_server_process(int(parent), folder / CLUSTER):
        return
    for process in Path("/proc").glob("[0-9]*"):
        pid = int(process.name)
        if is_server_process(pid, folder / CLUSTER):
            log.warning("Killing process %d, which is left of a PostgreSQL server that died.", pid)
            with account.acting(), suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_server_process(pid: int, cluster: Path) -> bool:
    """Whether it is the server or one of its children: they all have the cluster as their working folder."""
    process = Path(f"/proc/{pid}")
    try:
        return (process / "comm").read_text() == "postgres\n" and (process / "cwd").samefile(cluster)
    except OSError:  # it does not exist, or is another user's
        return False


def runs_without_durability(folder: Path) -> bool:
    return NOT_DURABLE in read_text(folder / CLUSTER / SETTINGS_FILE)


def launch(folder: Path, account: Account, server_lock: int, *, durable: bool) -> None:
    """Start the server, which is known not to run, after making its cluster where there is none. Does not wait."""
    with account.acting():
        (folder / LOGS).mkdir(mode=0o700, exist_ok=True)
    if not (folder / CLUSTER).exists():
        make_cluster(folder, account, server_lock, durable=durable)
    refuse_other_version(folder / CLUSTER)
    if durable and runs_without_durability(folder):
        run_or_refuse(folder, account, server_lock, "initdb", "--sync-only", "-D", folder / CLUSTER)
    socket_folder = socket_folder_for(folder, account)
    with account.acting():
        (folder / CLUSTER).chmod(0o700)  # a volume may come with more, which PostgreSQL refuses
        write_settings(folder / CLUSTER, account, socket_folder, durable=durable)
        clear_traces(folder / CLUSTER, socket_folder)
        bound_logs(folder / LOGS)
        output = (folder / LOGS / START_OUTPUT).open("w")
    with output:
        # The shell ends at once, so that the server has no parent that would have to wait for it. It lives in a session
        # of its own, so that a Ctrl-C in our terminal does not reach it.
        command: list[str | Path] = ["/bin/sh", "-c", '"$@" &', "sh", tool("postgres"), "-D", folder / CLUSTER]
        account.run(command, folder, output=output.fileno(), pass_fds=[server_lock])


def make_cluster(folder: Path, account: Account, server_lock: int, *, durable: bool) -> None:
    """Make it under another name, so that under its own name a cluster is always complete."""
    log.info("Making a new PostgreSQL cluster in %s.", folder)
    unfinished = folder / UNFINISHED_CLUSTER
    with account.acting():
        if unfinished.exists():
            shutil.rmtree(unfinished)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    options = (*locale, "--data-checksums", "--auth=peer", "--no-sync", "--no-instructions")
    run_or_refuse(folder, account, server_lock, "initdb", "-D", unfinished, "-U", ROLE, *options)
    # The single-user form needs no socket, no waiting and no stopping.
    single = ("--single", "-c", "fsync=off", "-D", unfinished, "template1")
    run_or_refuse(folder, account, server_lock, "postgres", *single, text=FIRST_STATEMENTS)
    with account.acting(), (unfinished / "postgresql.conf").open("a") as file:
        file.write(f"\ninclude = '{SETTINGS_FILE}'\n")
        (unfinished / SETTINGS_FILE).touch()
    if durable:
        run_or_refuse(folder, account, server_lock, "initdb", "--sync-only", "-D", unfinished)
    with account.acting():
        unfinished.rename(folder / CLUSTER)
        if durable:
            sync(folder)


def refuse_other_version(cluster: Path) -> None:
    version = read_text(cluster / "PG_VERSION").strip()
    if not version:
        raise EmbeddedPostgresError(
            f"{cluster} is damaged (it has no PG_VERSION): put back a backup, or choose another folder."
        )
    if version != MAJOR_VERSION:
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {version}, and this is PostgreSQL {MAJOR_VERSION}: "
            "take a dump with the Entrepot that made it, and restore it into another folder."
        )


def write_settings(cluster: Path, account: Account, socket_folder: Path, *, durable: bool) -> None:
    root = user_name(0)
    replace(cluster / SETTINGS_FILE, settings(socket_folder, durable=durable))
    replace(cluster / "pg_hba.conf", host_based_authentication())
    replace(cluster / "pg_ident.conf", identities([root, account.name]))


def replace(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    new.rename(path)


def clear_traces(cluster: Path, socket_folder: Path) -> None:
    """Take away what a killed server left, where the id in it may by now be another process's."""
    for name in (SOCKET_NAME, SOCKET_NAME + ".lock"):
        (socket_folder / name).unlink(missing_ok=True)
    lines = read_text(cluster / PID_FILE).splitlines(keepends=True)
    if lines:
        # Only the id is made void: by the rest PostgreSQL still finds out whether shared memory of its own is in use.
        replace(cluster / PID_FILE, "".join([f"{NO_PROCESS}\n", *lines[1:]]))


def bound_logs(logs: Path) -> None:
    """The server empties a weekday's log when it comes to it again, but only when it runs over midnight."""
    for path in logs.glob("server-*.log"):
        found = path.stat()
        if found.st_size > LARGEST_LOG_BYTES or found.st_mtime < time.time() - OLDEST_LOG_S:
            path.unlink()


def complaint(folder: Path) -> str:
    """Why the server that was just launched is gone: it writes to its output first, then to the day's log."""
    output = read_text(folder / LOGS / START_OUTPUT)
    days = sorted((folder / LOGS).glob("server-*.log"), key=lambda path: path.stat().st_mtime)
    if days and "redirecting log output" in output:
        output = read_text(days[-1])[-50_000:].rpartition("starting PostgreSQL")[2]
    return explain(output, folder)


def explain(text: str, folder: Path) -> str:
    if "No space left on device" in text:
        return disk_full(folder)
    lines = [line.strip() for line in text.splitlines() if line.strip() and "LOG:" not in line and "HINT:" not in line]
    grave = [line for line in lines if GRAVE.search(line)]
    reason = GRAVE.split((grave or lines or ["it was killed, or crashed"])[-1])[-1]
    return f"PostgreSQL in {folder} could not start ({reason}): see {folder / LOGS}."


def run_or_refuse(
    folder: Path, account: Account, server_lock: int, program: str, *arguments: str | Path, text: str = ""
) -> None:
    done = account.run([tool(program), *arguments], folder, text=text, pass_fds=[server_lock])
    if done.returncode != 0 or "ERROR:" in done.stdout:  # the single-user form goes on after an error
        raise EmbeddedPostgresError(explain(done.stdout, folder))


def read_text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
