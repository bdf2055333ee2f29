-- The lines of a cart as they are at the moment of the call, not as they were when the calling statement began: a volatile
-- function looks anew. So one statement can wait for a cart's row and then read what the one before it has left.
create function cart_lines_now(cart bigint) returns table (product_id bigint, quantity integer)
language sql volatile rows 5 as $$
    select i.product_id, i.quantity from cart_items i where i.cart_id = cart order by i.added_at, i.product_id
$$;
