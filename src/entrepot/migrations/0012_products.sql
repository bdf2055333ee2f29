-- Variants are told apart by their options, and prices are remembered.

-- Two members of a group never have the same options. The index finds a group's members, too.
create unique index products_variant_key on products (group_id, options)
    where group_id is not null and deleted_at is null;
drop index products_by_group;

alter table product_groups
    add check (length(key) between 1 and 100),
    add check (length(title) between 1 and 200);

-- What a product cost, from when on: one row for each change, the newest is what it costs now. A product without rows has
-- never cost anything else than now; the first change writes two rows, so that no old product needs one beforehand.
create table price_changes (
    id          bigint generated always as identity primary key,
    product_id  bigint not null references products on delete cascade,
    price_minor bigint not null check (price_minor >= 0),
    discount_bp integer not null check (discount_bp between 0 and 10000),
    currency    char(3) not null,
    actor_id    bigint references users,                  -- null: not known any more, or a job
    changed_at  timestamptz not null
);
create index price_changes_by_product on price_changes (product_id, id);
