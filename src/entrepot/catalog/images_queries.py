"""The SQL of products' pictures."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class ImageRow(msgspec.Struct, frozen=True):
    """A picture of a product; `location` is an absolute address, or a key in the file storage."""

    id: int
    location: str
    position: int


async def find_seller(db: Db, product_id: int) -> int | None:
    """The company that sells the product; None where nobody does now."""
    company_id: int | None = await db.value(
        """
        select p.company_id from products p join companies c on c.id = p.company_id
        where p.id = $1 and p.deleted_at is null and c.status = 'active' and c.deleted_at is null
        """,
        product_id,
    )
    return company_id


async def get_thumbnail(db: Db, product_id: int) -> str:
    thumbnail: str = await db.value("select thumbnail from products where id = $1", product_id)
    return thumbnail


async def list_images(db: Db, product_id: int) -> list[ImageRow]:
    return await db.many(
        ImageRow,
        "select id, location, position from product_images where product_id = $1 order by position, id",
        product_id,
    )


async def insert_image(tx: Tx, product_id: int, location: str) -> ImageRow:
    """Behind the others. The product is locked."""
    return await tx.one(
        ImageRow,
        """
        insert into product_images (product_id, position, location)
        select $1, coalesce(max(position) + 1, 0), $2 from product_images where product_id = $1
        returning id, location, position
        """,
        product_id,
        location,
    )


async def delete_image(tx: Tx, product_id: int, image_id: int) -> ImageRow | None:
    """The picture that was deleted; None when the product has none of this id."""
    return await tx.maybe(
        ImageRow,
        "delete from product_images where product_id = $1 and id = $2 returning id, location, position",
        product_id,
        image_id,
    )


async def close_gaps(tx: Tx, product_id: int) -> None:
    """Number the pictures from 0 on, in the order that they have."""
    await tx.run(
        """
        update product_images i set position = o.place - 1
        from (select id, row_number() over (order by position, id) as place from product_images where product_id = $1) o
        where i.id = o.id and i.position <> o.place - 1
        """,
        product_id,
    )


async def replace_images(tx: Tx, product_id: int, locations: Sequence[str]) -> None:
    """Exactly these pictures, in this order. One that was there before keeps its id. No location stands there twice."""
    await tx.run(
        """
        with wanted as (
            select location, (place - 1)::integer as position
            from unnest($2::text[]) with ordinality as given (location, place)
        ), kept as (
            select w.location, w.position, min(i.id) as id
            from wanted w join product_images i on i.product_id = $1 and i.location = w.location
            group by w.location, w.position
        ), deleted as (
            delete from product_images where product_id = $1 and id not in (select id from kept)
        ), moved as (
            update product_images i set position = k.position from kept k where i.id = k.id
        )
        insert into product_images (product_id, position, location)
        select $1, position, location from wanted where location not in (select location from kept)
        """,
        product_id,
        list(locations),
    )


async def set_thumbnail(tx: Tx, product_id: int, thumbnail: str) -> None:
    """The product was changed now."""
    await tx.run(
        "update products set thumbnail = $2, updated_at = $3 where id = $1", product_id, thumbnail, clock.now()
    )
