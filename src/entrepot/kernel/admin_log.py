"""The admin log: every privileged change, with who made it, and what was there before and after. Rows are only added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from pydantic.alias_generators import to_camel

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx

_SECRET: Final = re.compile(r"password|secret|token|hash", re.IGNORECASE)

Facts = Mapping[str, Any] | msgspec.Struct
"""What is known of a thing at one time: a row's struct, or its fields by name."""


class Subject(msgspec.Struct, frozen=True):
    """The thing that was changed: its kind (`company`) and its id (or number, where that is what people call it by)."""

    kind: str
    id: int | str


async def record_change(
    tx: Tx, actor: Actor, action: str, subject: Subject, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Write a privileged change down, in the transaction that makes it.

    `action` is like an event's name, `company.created`. Where both `before` and `after` are given, what differs is kept;
    nothing is written when nothing does. Fields that are named like secrets are left out, at any depth.
    """
    kept_before, kept_after = _what_changed(_plain(before), _plain(after))
    if before is not None and after is not None and kept_before == kept_after:
        return
    await tx.run(
        """
        insert into admin_log (actor_id, action, subject_kind, subject_id, before, after, request_id, address, occurred_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        actor.user_id,
        action,
        subject.kind,
        str(subject.id),
        kept_before,
        kept_after,
        actor.request_id,
        actor.address,
        clock.now(),
    )


def _plain(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    fields = msgspec.structs.asdict(facts) if isinstance(facts, msgspec.Struct) else facts
    plain: dict[str, Any] = _without_secrets(
        msgspec.to_builtins({to_camel(name): value for name, value in fields.items()})
    )
    return plain


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(part) for name, part in value.items() if not _SECRET.search(name)}
    if isinstance(value, list):
        return [_without_secrets(part) for part in value]
    return value


def _what_changed(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Of two states, the fields that differ; of one, all. When something was changed is known anyway."""
    if before is None or after is None:
        return before, after
    differing = [
        name for name in before.keys() | after.keys() if name != "updatedAt" and before.get(name) != after.get(name)
    ]
    return {name: before.get(name) for name in differing}, {name: after.get(name) for name in differing}
