"""The settings that the embedded PostgreSQL runs with, fitted to the machine."""

import os
import sys
from pathlib import Path

MB = 1024 * 1024
GB = 1024 * MB
NOT_DURABLE = "fsync = off"


def settings(socket_folder: Path, *, durable: bool) -> str:
    """The text of entrepot.conf; without durability a power loss may destroy the database, which suits tests only."""
    memory = memory_bytes()
    lines = [
        "# Written by Entrepot at every start; changes here are lost. Use ALTER SYSTEM SET for your own.",
        "listen_addresses = ''",
        "port = 5432",
        f"unix_socket_directories = '{socket_folder}'",
        "unix_socket_permissions = 0700",
        "max_connections = 200",
        "cluster_name = 'entrepot'",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "",
        f"shared_buffers = {clamp(memory // 8, 128 * MB, 2 * GB) // MB}MB",
        f"effective_cache_size = {max(memory // 2, 256 * MB) // MB}MB",
        f"maintenance_work_mem = {clamp(memory // 32, 64 * MB, 512 * MB) // MB}MB",
        "work_mem = 8MB",
        "huge_pages = try",
        f"dynamic_shared_memory_type = {dynamic_shared_memory_type()}",
        "",
        "random_page_cost = 1.1",
        "jit = off",
        f"max_parallel_workers_per_gather = {clamp((os.cpu_count() or 1) // 2, 1, 2)}",
        "",
        "max_wal_size = 2GB",
        "checkpoint_timeout = 10min",
        "checkpoint_completion_target = 0.9",
        "wal_compression = on",
        *durability(durable=durable),
        "",
        "idle_in_transaction_session_timeout = 60s",
        "client_connection_check_interval = 10s",
        "",
        "logging_collector = on",
        "log_directory = '../log'",
        "log_filename = 'server-%a.log'",
        "log_rotation_age = 1d",
        "log_rotation_size = 0",
        "log_truncate_on_rotation = on",
        "log_min_duration_statement = -1",
        "log_checkpoints = off",
    ]
    return "\n".join(lines) + "\n"


def host_based_authentication() -> str:
    """The text of pg_hba.conf: the kernel names the user at the other end of the socket; there is no password."""
    return "local all all peer map=entrepot\nlocal replication all peer map=entrepot\n"


def identities(system_users: list[str]) -> str:
    """The text of pg_ident.conf: the system users that may connect, as any role."""
    quoted = [user.replace('"', '""') for user in system_users]
    return "".join(f'entrepot "{user}" all\n' for user in quoted)


def durability(*, durable: bool) -> list[str]:
    if durable:
        return ["fsync = on", "full_page_writes = on", "synchronous_commit = on"]
    return [NOT_DURABLE, "full_page_writes = off", "synchronous_commit = on"]  # a killed server still loses nothing


def memory_bytes() -> int:
    """The machine's memory, or the container's limit where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def dynamic_shared_memory_type() -> str:
    """Containers often have 64 MB of /dev/shm, in which a parallel query would fail."""
    if sys.platform != "linux":
        return "posix"
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "sysv"
    return "posix" if room.f_blocks * room.f_frsize >= 256 * MB else "sysv"


def clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
