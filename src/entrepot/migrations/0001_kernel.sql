-- What every module shares: the event table, consumers' cursors, idempotency keys, shared rate limits.

-- Outbox and public feed in one. Readers order by (xid, id) and read only below the oldest running
-- transaction, so that a row which commits late is never skipped (see kernel/events.py).
create table events (
    id          bigint generated always as identity primary key,
    xid         xid8 not null default pg_current_xact_id(),
    name        text not null check (name ~ '^[a-z_]+(\.[a-z_]+)+$'),
    version     smallint not null default 1,
    occurred_at timestamptz not null,
    actor_id    bigint,
    company_ids bigint[] not null default '{}',
    data        jsonb not null
);
create index events_in_commit_order on events (xid, id);

create table event_cursors (
    consumer  text primary key,
    after_xid xid8 not null default '0',
    after_id  bigint not null default 0,
    moved_at  timestamptz not null default now()
);

-- A key belongs to whoever sent it (scope). The row is made in the transaction of the work it protects;
-- a second request with the same key waits for that transaction on the primary key. The reply is encrypted with
-- the key, of which only the SHA-256 is stored (see kernel/idempotency.py).
create table idempotency_keys (
    scope        text not null,
    key_hash     bytea not null,
    request_hash bytea not null,
    status       smallint,
    reply        bytea,
    created_at   timestamptz not null,
    primary key (scope, key_hash)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Losing these counts in a crash is harmless, so they are not written to the WAL.
create unlogged table rate_limits (
    bucket     text primary key,
    count      integer not null,
    expires_at timestamptz not null
);
create index rate_limits_by_age on rate_limits (expires_at);
