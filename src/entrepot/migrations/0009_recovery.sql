-- Getting back into an account, and getting in without a password: mailed links, one-time codes, OpenID providers.

-- `pending_email`: the address that its user wants, until whoever reads its mail has said so.
-- `verified_phone`: the number that has answered a code; it counts as long as it is the user's number.
alter table users
    add column pending_email  text check (length(pending_email) <= 254),
    add column verified_phone text;

-- Numbers are kept as people write them, and compared by their digits: +49 (151) 1234 and 0049-151-1234 are one.
create function bare_phone(phone text) returns text language sql immutable strict parallel safe as $$
    select regexp_replace(regexp_replace(phone, '[^0-9+]', '', 'g'), '^00', '+')
$$;
create index users_by_phone on users (bare_phone(phone)) where phone is not null and deleted_at is null;

-- One live code for each number or address (`phone:+49...`, `email:...`), stored as an HMAC whose secret is not in the database.
create table one_time_codes (
    subject    text primary key,
    user_id    bigint not null references users on delete cascade,
    code_hash  bytea not null,
    tries      smallint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index one_time_codes_by_user on one_time_codes (user_id);

-- Sign-ins that have begun at a provider, each to be finished once, in the browser that began it. What else is needed to
-- finish them is derived from the browser's secret, so that these rows are of no use to whoever reads them.
create table oauth_states (
    state_hash   bytea primary key,
    browser_hash bytea not null,
    provider     text not null,
    expires_at   timestamptz not null
);
create index oauth_states_by_age on oauth_states (expires_at);

-- Who a user is at a provider. The issuer, not the name that the shop has for it: that may be pointed elsewhere one day.
create table oauth_identities (
    issuer    text not null,
    subject   text not null check (length(subject) between 1 and 255),
    user_id   bigint not null references users on delete cascade,
    linked_at timestamptz not null,
    primary key (issuer, subject)
);
create index oauth_identities_by_user on oauth_identities (user_id);

create index mailed_tokens_by_age on mailed_tokens (expires_at);
create index orders_by_guest_email on orders (lower(guest_email)) where guest_email is not null;
