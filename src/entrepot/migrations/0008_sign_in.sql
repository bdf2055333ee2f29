-- What keeps sign-in safe: the security log, lock-outs, and one-time secrets.

-- What happened to accounts, as their owners and administrators see it. Append-only.
create table security_log (
    id          bigint generated always as identity primary key,
    user_id     bigint references users,
    action      text not null check (action ~ '^[a-z_]+$'),
    address     text,
    device_id   text,
    user_agent  text,
    details     jsonb not null default '{}',
    occurred_at timestamptz not null
);
create index security_log_by_user on security_log (user_id, id desc);
create index security_log_by_date on security_log (occurred_at);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end
$$;
create trigger security_log_append_only before update or delete on security_log
    for each row execute function refuse_change();

-- Wrong passwords in a row, by what they were tried on: `account:...` (whether it exists or not) or `address:...`.
create table sign_in_failures (
    subject      text primary key,
    failures     integer not null,
    first_at     timestamptz not null,
    locked_until timestamptz
);
create index sign_in_failures_by_age on sign_in_failures (first_at);

-- Secrets that were mailed, stored as SHA-256 of 256 random bits; each can be used once.
create table mailed_tokens (
    token_hash bytea primary key,
    user_id    bigint not null references users on delete cascade,
    purpose    text not null check (purpose in ('reset_password', 'verify_email')),
    email      text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index mailed_tokens_by_user on mailed_tokens (user_id, purpose);
