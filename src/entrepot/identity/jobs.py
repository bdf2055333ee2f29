"""Jobs of identity: mails, codes, erasing people who have left, and forgetting what is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from entrepot.identity import one_time_codes, recovery_queries, reset_password, security_queries, verify_email
from entrepot.identity.erase import erase_due
from entrepot.identity.events import EmailChangeRequested, UserRegistered
from entrepot.kernel import clock
from entrepot.kernel.jobs import Job
from entrepot.shop import Shop

ATTEMPTS: Final = 24
"""For about an hour and a quarter: a mail server is out of order for longer than a database."""

KEPT_FOR: Final = timedelta(days=7)
"""How long secrets whose time is over are kept, for whoever looks into what happened."""


async def _erase_due(shop: Shop, _: dict[str, Any]) -> None:
    await erase_due(shop.database, shop.files)


async def _clean_up(shop: Shop, _: dict[str, Any]) -> None:
    async with shop.database.transaction() as tx:
        await recovery_queries.forget_expired(tx, clock.now() - KEPT_FOR)
        await security_queries.forget_old_failures(tx, clock.now() - KEPT_FOR)


JOBS: Final[list[Job[Shop]]] = [
    Job(name=reset_password.JOB, run=reset_password.mail_reset, attempts=ATTEMPTS),
    Job(
        name=verify_email.JOB,
        run=verify_email.mail_verification,
        on=(UserRegistered.name, EmailChangeRequested.name),
        attempts=ATTEMPTS,
    ),
    Job(name=verify_email.CHANGED_JOB, run=verify_email.mail_email_changed, attempts=ATTEMPTS),
    Job(name=one_time_codes.JOB, run=one_time_codes.send_code, attempts=ATTEMPTS),
    Job(name="identity.erase_due", run=_erase_due, cron="29 * * * *"),
    Job(name="identity.clean_up", run=_clean_up, cron="41 * * * *"),
]
