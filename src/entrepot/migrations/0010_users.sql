-- What users say about themselves and keep for later, and accounts that are on their way out.

-- An account that is to be deleted works on until the grace period is over; then what it says of the person is erased.
-- One that was deleted at once (deleted_at) is gone at once, and erased at the same time as any other.
alter table users
    add column deletion_due_at timestamptz,
    add column deletion_reason text check (length(deletion_reason) <= 500),
    add column erased_at       timestamptz,
    add check (erased_at is null or deleted_at is not null);
create index users_by_deletion on users (deletion_due_at, id) where deletion_due_at is not null and erased_at is null;

-- What a user has chosen; null is the shop's default. The language stands in users.
create table preferences (
    user_id             bigint primary key references users on delete cascade,
    theme               text check (theme in ('light', 'dark')),
    notifications       boolean,
    email_notifications boolean,
    currency            text check (currency ~ '^[A-Z]{3}$'),
    updated_at          timestamptz not null
);

create table favourites (
    user_id    bigint not null references users on delete cascade,
    product_id bigint not null references products on delete cascade,
    added_at   timestamptz not null,
    primary key (user_id, product_id)
);
create index favourites_by_date on favourites (user_id, added_at desc, product_id desc);
create index favourites_by_product on favourites (product_id);

-- The security log stays append-only, but for one thing: where somebody was, and with what, is erased with the person.
create function refuse_change_but_erasure() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE'
        and (new.id, new.user_id, new.action, new.occurred_at)
            is not distinct from (old.id, old.user_id, old.action, old.occurred_at)
        and new.address is null and new.device_id is null and new.user_agent is null and new.details = '{}'
    then
        return new;
    end if;
    raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end
$$;
drop trigger security_log_append_only on security_log;
create trigger security_log_append_only before update or delete on security_log
    for each row execute function refuse_change_but_erasure();

-- Events that carry somebody's address, to find them when the person is erased.
create index events_with_an_email on events ((data ->> 'userId')) where data ? 'email';

-- The stars of a seller: of its own products, and of those of its company that name no seller. Few products have any.
create index products_rated_by_seller on products (seller_id) include (rating_sum, rating_count)
    where rating_count > 0 and deleted_at is null;
create index products_rated_by_company on products (company_id) include (rating_sum, rating_count)
    where rating_count > 0 and deleted_at is null and seller_id is null;
