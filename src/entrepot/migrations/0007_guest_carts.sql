-- Only guests' carts are looked for by age: users' stay out of the index, so that touching one rewrites none.

drop index carts_by_age;
create index carts_by_age on carts (updated_at) where token_hash is not null;
