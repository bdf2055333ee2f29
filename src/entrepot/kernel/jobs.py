"""Jobs: work that outlives a request, as rows in our own database, run by PgQueuer.

A job is a name, a JSON payload and a function that calls a verb. It runs at least once, so it must be idempotent; a
failure is tried again with growing pauses. Modules declare jobs, schedules (cron, UTC) and which events start which
job; the worker runs them, and turns events into jobs under one durable cursor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar

import asyncpg
import msgspec
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.executors import DatabaseRetryEntrypointExecutor
from pgqueuer.models import Job as QueuedJob
from pgqueuer.models import Schedule
from pgqueuer.queries import Queries

from entrepot.kernel import events
from entrepot.kernel.db import TROUBLE, Database, Tx
from entrepot.kernel.errors import Unavailable

log = logging.getLogger("entrepot.jobs")

MAX_ATTEMPTS = 8
CONCURRENCY = 10
BATCH: Final = CONCURRENCY // 2
"""Jobs taken from the queue at a time; PgQueuer wants room for two batches."""
LOOK_AGAIN_AFTER_S: Final = 5.0
"""How long a job whose time has come waits at most, when nothing else happens in the queue."""
DISPATCH_INTERVAL_S = 0.5

Context = TypeVar("Context")


class Job(msgspec.Struct, Generic[Context], frozen=True, kw_only=True):
    """Something the worker can do.

    `run` takes the shop's composed parts and the payload. `on` names events whose data become the payload; a job that is
    `woken` only hears that there were some: one run, with an empty payload, serves all that came in together. `cron` runs
    it by the clock, with an empty payload. `attempts`: how often it is tried; the pauses between grow to five minutes.
    """

    name: str
    run: Callable[[Context, dict[str, Any]], Awaitable[None]]
    on: tuple[str, ...] = ()
    woken: bool = False
    cron: str | None = None
    attempts: int = MAX_ATTEMPTS


async def enqueue(tx: Tx, job: str, payloads: Sequence[dict[str, Any]], *, delay: timedelta | None = None) -> None:
    """Put jobs in the queue in this transaction: they exist exactly if it commits."""
    if payloads:
        await Queries(_TxDriver(tx)).enqueue(
            [job] * len(payloads),
            [msgspec.json.encode(payload) for payload in payloads],
            [0] * len(payloads),
            [delay or timedelta()] * len(payloads),
        )


class _TxDriver(AsyncpgDriver):
    """Lets PgQueuer write through a transaction that somebody else commits."""

    def __init__(self, tx: Tx) -> None:
        super().__init__(tx.connection)

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        # PgQueuer writes its headers (the last argument) as JSON text; our connections encode JSON themselves.
        *others, headers = args
        assert isinstance(headers, list)  # noqa: S101
        return await super().fetch(query, *others, [msgspec.json.decode(text) for text in headers])


class Worker(Generic[Context]):
    """Runs jobs and schedules until stopped; several workers share the work."""

    def __init__(self, database: Database, jobs: Sequence[Job[Context]], context: Context) -> None:
        self._database = database
        self._jobs = {job.name: job for job in jobs}
        self._context = context
        self._queue: PgQueuer | None = None

    async def run(self) -> None:
        """Work until `stop` is called or the task is cancelled; outages of the database are waited out."""
        while True:
            try:
                await self._run_connected()
                return
            except TROUBLE as error:
                log.warning("the worker lost its database, trying again: %s", error)
                await asyncio.sleep(1)

    def stop(self) -> None:
        """Finish what is running, then return from `run`."""
        if self._queue is not None:
            self._queue.shutdown.set()

    async def _run_connected(self) -> None:
        connection = await asyncpg.connect(self._database.dsn, server_settings={"application_name": "entrepot worker"})
        try:
            self._queue = PgQueuer(AsyncpgDriver(connection))
            for job in self._jobs.values():
                self._declare(self._queue, job)
            dispatcher = asyncio.create_task(self._dispatch_events(self._queue.shutdown))
            try:
                await self._queue.run(
                    batch_size=BATCH,
                    max_concurrent_tasks=CONCURRENCY,
                    dequeue_timeout=timedelta(seconds=LOOK_AGAIN_AFTER_S),
                )
            finally:
                dispatcher.cancel()
                await asyncio.gather(dispatcher, return_exceptions=True)
        finally:
            await connection.close(timeout=5)

    def _declare(self, queue: PgQueuer, job: Job[Context]) -> None:
        if job.cron is not None:
            queue.schedule(job.name, job.cron)(self._scheduled(job))
        else:
            queue.entrypoint(job.name, executor_factory=_retrying(job.attempts))(self._queued(job))

    def _queued(self, job: Job[Context]) -> Callable[[QueuedJob], Awaitable[None]]:
        async def run(queued: QueuedJob) -> None:
            await job.run(self._context, msgspec.json.decode(queued.payload or b"{}"))

        return run

    def _scheduled(self, job: Job[Context]) -> Callable[[Schedule], Awaitable[None]]:
        async def run(_: Schedule) -> None:
            await job.run(self._context, {})

        return run

    async def _dispatch_events(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            try:
                handled = await self.dispatch()
            except (*TROUBLE, Unavailable) as error:
                log.warning("events cannot be turned into jobs, trying again: %s", error)
                handled = 0
            if handled < events.BATCH:  # what comes in meanwhile is handled together
                await asyncio.sleep(DISPATCH_INTERVAL_S)

    async def dispatch(self) -> int:
        """Turn the next batch of events into jobs; returns how many events were read."""
        return await events.consume(self._database, "worker", self._enqueue_for)

    async def _enqueue_for(self, tx: Tx, batch: list[events.Recorded]) -> None:
        for job in self._jobs.values():
            payloads = [event.data for event in batch if event.name in job.on]
            await enqueue(tx, job.name, [{}] if payloads and job.woken else payloads)


def _retrying(attempts: int) -> Callable[[Any], DatabaseRetryEntrypointExecutor]:
    return lambda parameters: DatabaseRetryEntrypointExecutor(parameters=parameters, max_attempts=attempts)
