-- Sums of the history of stock, so that its report and what to order again need to read only what came later.

-- How far the history and the price changes are summed up. What was marked is summed up next, when no transaction runs any
-- more that is as old as `marked_by`.
create table stock_folding (
    only_one        boolean primary key default true check (only_one),
    movement_id     bigint not null default 0,
    price_id        bigint not null default 0,
    marked_movement bigint,
    marked_price    bigint,
    marked_by       xid8
);
insert into stock_folding default values;

-- What became of a product in a warehouse on a day (in UTC). `ordered`: without what was released again. `began_at`: the first
-- sale, release or filling of an empty shelf; `filled_at`: the first filling.
create table stock_days (
    day          date not null,
    product_id   bigint not null,
    warehouse_id bigint not null,
    ordered      bigint not null,
    change       bigint not null,
    shipped      bigint not null,
    returned     bigint not null,
    began_at     timestamptz,
    filled_at    timestamptz,
    primary key (day, product_id, warehouse_id)
);
create index stock_days_ordered on stock_days (product_id, warehouse_id, day) include (ordered, began_at, filled_at)
    where began_at is not null;
create index stock_days_by_product on stock_days (product_id, warehouse_id, day);

-- What lies where, as far as it is summed up, and at which price it is in the sums below. `last_sold_at`: of the product, from
-- any warehouse; `listed_at`: when the product was made. `turned`: pieces that were sold, and those that were released again;
-- `cover` is what can be bought by that: where it is large, nothing needs to be ordered, however the sales were spread.
create table stock_slots (
    product_id   bigint not null,
    warehouse_id bigint not null,
    on_hand      bigint not null,
    reserved     bigint not null,
    currency     char(3) not null,
    price_minor  bigint not null,
    value_minor  bigint not null generated always as
                 (greatest(-9223372036854775808, least(9223372036854775807, on_hand::numeric * price_minor))::bigint) stored,
    turned         bigint not null default 0,
    cover          double precision generated always as
                   (case when turned > 0 then (on_hand - reserved)::double precision / turned end) stored,
    last_filled_at timestamptz,
    last_sold_at timestamptz,
    listed_at    timestamptz not null,
    primary key (product_id, warehouse_id)
);
create index stock_slots_by_value on stock_slots (value_minor desc, product_id) where on_hand > 0;

create index stock_slots_by_cover on stock_slots (cover) where turned > 0;
create index stock_slots_by_filling on stock_slots (last_filled_at) where turned > 0;

-- The slots together, and the days together, at the prices of the slots.
create table stock_worth (
    warehouse_id bigint not null,
    currency     char(3) not null,
    products     bigint not null,
    pieces       bigint not null,
    reserved     bigint not null,
    value_minor  numeric not null,
    primary key (warehouse_id, currency)
);
create table stock_worth_days (
    day           date not null,
    warehouse_id  bigint not null,
    currency      char(3) not null,
    change        bigint not null,
    change_minor  numeric not null,
    shipped       bigint not null,
    shipped_minor numeric not null,
    returned      bigint not null,
    primary key (day, warehouse_id, currency)
);
