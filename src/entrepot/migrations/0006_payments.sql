-- Payment intents: what is to be paid, for which order, and how far it got.

create table payment_intents (
    id                 text primary key check (id ~ '^pi_[A-Za-z0-9]+$'),
    user_id            bigint references users,
    order_id           bigint references orders,
    provider           text not null,
    amount_minor       bigint not null check (amount_minor > 0),
    currency           char(3) not null,
    status             text not null check (status in
                       ('requires_payment_method', 'requires_confirmation', 'requires_action',
                        'processing', 'succeeded', 'failed', 'canceled')),
    client_secret_hash bytea not null,
    payment_method     text,                              -- the provider's token; never a card number
    failure_code       text,
    metadata           jsonb not null default '{}',
    created_at         timestamptz not null,
    updated_at         timestamptz not null,
    succeeded_at       timestamptz
);
create index payment_intents_by_order on payment_intents (order_id);
create index payment_intents_by_user on payment_intents (user_id, created_at);
-- An order is charged once, however many intents were made for it.
create unique index payment_intents_one_charge_per_order on payment_intents (order_id)
    where status in ('processing', 'succeeded');

alter table orders add foreign key (payment_intent_id) references payment_intents;
create index payment_intents_hanging on payment_intents (updated_at) where status = 'processing';
