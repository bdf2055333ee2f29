-- The tree of categories is changed by administrators while products come in; reviews are read by their stars.

-- A product lies in a category that is there. A deleted category keeps its row, so the foreign key alone would take it.
-- The key share lock waits for whoever deletes the category, and makes that one wait for this product.
create function refuse_deleted_category() returns trigger language plpgsql as $$
begin
    perform from categories where id = new.category_id and deleted_at is null for key share;
    if not found then
        raise exception 'category % is not there', new.category_id
            using errcode = 'foreign_key_violation', constraint = 'products_category_not_deleted', table = 'products';
    end if;
    return new;
end
$$;
create trigger products_category_not_deleted before insert on products
    for each row execute function refuse_deleted_category();
create trigger products_new_category_not_deleted before update of category_id on products
    for each row when (new.category_id <> old.category_id) execute function refuse_deleted_category();

alter table category_translations
    add check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    add check (length(name) between 1 and 100);

-- Products are counted by category and by brand, those of companies that do not sell left out, and a brand's products of
-- one category are found, all without a look at the products' wide rows.
drop index products_by_category;
create index products_by_category on products (category_id, id) include (company_id) where deleted_at is null;
drop index products_by_brand;
create index products_by_brand on products (brand_id, id) include (company_id, category_id) where deleted_at is null;

create index brands_by_name on brands (lower(name), id);

-- The best and the worst reviews of a product, and how many there are of each number of stars.
create index reviews_by_rating on reviews (product_id, rating, id) where deleted_at is null;
