"""What stands behind each parameter of a path: how an object comes to be there that is one's own, or somebody else's."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from entrepot import payments
from entrepot.kernel.actors import Role
from tests.access.world import SECRET, NothingOwn, Person, Scene
from tests.builders import ADDRESS, an_order, unique

Maker = Callable[[Scene], Awaitable[Any]]


async def filled(scene: Scene, path: str) -> str:
    """The path, with an object behind every parameter."""
    parts = []
    end = 0
    for found in re.finditer(r"{\w+}", path):
        key = path[: found.end()].removeprefix("/api/v1")
        assert key in OBJECTS, f"Say in OBJECTS what stands behind {key}"
        parts += [path[end : found.start()], str(await OBJECTS[key](scene))]
        end = found.end()
    return "".join([*parts, path[end:]])


async def a_user(scene: Scene) -> int:
    """Oneself, or a shop owner in another zone."""
    return (await scene.owner()).id


async def a_seller(scene: Scene) -> int:
    """Oneself, or a seller of another company."""
    return scene.me.id if scene.mine else (await scene.somebody_else(Role.SELLER)).id


async def an_admin(scene: Scene) -> int:
    """Oneself, for an administrator, or a location admin of another zone."""
    if not scene.mine:
        return (await scene.somebody_else(Role.LOCATION_ADMIN)).id
    if scene.role not in (Role.ADMIN, Role.LOCATION_ADMIN):
        raise NothingOwn
    return scene.me.id


async def a_shop_owner(scene: Scene) -> int:
    """Oneself, for a shop owner; one in one's zones, for a location admin."""
    if not scene.mine:
        return (await scene.somebody_else()).id
    if scene.role == Role.LOCATION_ADMIN:
        return (await scene.world.someone(Role.SHOP_OWNER)).id
    if scene.role == Role.SHOP_OWNER:
        return scene.me.id
    raise NothingOwn


async def a_session(scene: Scene) -> str:
    return (await scene.owner()).session_id


async def an_address(scene: Scene) -> int:
    owner = await scene.owner()
    address_id: int = await scene.world.value(
        """
        insert into addresses (user_id, label, first_name, last_name, address, city, country, is_default, created_at,
                               updated_at)
        values ($1, $2, 'John', 'Doe', $3, 'New York', 'USA', true, now(), now()) returning id
        """,
        owner.id,
        "Home",
        "1 Main St" if scene.mine else f"1 {SECRET} St",
    )
    return address_id


async def a_favourite(scene: Scene) -> int:
    """A product that one keeps, or that only somebody else keeps."""
    owner = await scene.owner()
    await scene.world.value(
        "insert into favourites (user_id, product_id, added_at) values ($1, $2, now())", owner.id, scene.side.product_id
    )
    return scene.side.product_id


async def a_product(scene: Scene) -> int:
    """A product of one's company, for a seller; of a company in one's zones, for a location admin; or another one."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    product = await scene.world.client.a_product(company_id=scene.side.company_id, category=scene.world.category)
    scene.product_id = product["id"]
    return scene.product_id


async def any_product(scene: Scene) -> int:
    """A product. It is for everybody alike."""
    return scene.world.ours.product_id


async def an_image(scene: Scene) -> int:
    """A picture of the product."""
    image_id: int = await scene.world.value(
        """
        insert into product_images (product_id, position, location)
        select $1, coalesce(max(position) + 1, 0), 'https://example.com/a.jpg' from product_images where product_id = $1
        returning id
        """,
        scene.product_id,
    )
    return image_id


async def an_upload(scene: Scene) -> str:
    """A picture that one has uploaded, or that somebody else has."""
    owner = await scene.owner()
    key: str = await scene.world.value(
        """
        insert into uploads (key, owner_id, width, height, size_bytes, created_at, stored_at)
        values (md5($2), $1, 8, 8, 100, now(), now()) returning key
        """,
        owner.id,
        unique("upload"),
    )
    return key


async def an_import(scene: Scene) -> int:
    """A file that one has sent, or that somebody else has."""
    owner = await scene.owner()
    import_id: int = await scene.world.value(
        """
        insert into imports (company_id, actor_id, actor_role, file_name, file_key, size_bytes, status, created_at, moved_at)
        values ($1, $2, 'seller', $3, 'private/imports/none', 1, 'done', now(), now()) returning id
        """,
        scene.side.company_id,
        owner.id,
        "products.csv" if scene.mine else SECRET,
    )
    return import_id


async def a_category(scene: Scene) -> str:
    return scene.world.category


async def a_new_category(scene: Scene) -> str:
    """A category that holds nothing. It is nobody's own."""
    return await scene.world.client.a_category()


async def a_review(scene: Scene) -> int:
    """A review that one has written, or that somebody else has."""
    owner = await scene.owner()
    review_id: int = await scene.world.value(
        """
        with rated as (update products set rating_sum = rating_sum + 4, rating_count = rating_count + 1 where id = $1)
        insert into reviews (product_id, user_id, rating, comment, reviewer_name, created_at, updated_at)
        values ($1, $2, 4, 'Good.', 'Test Person', now(), now()) returning id
        """,
        scene.side.product_id,
        owner.id,
    )
    return review_id


async def a_cart_line(scene: Scene) -> int:
    """A product in one's own cart, or in that of somebody else."""
    if scene.mine and scene.role == "guest":
        reply = await scene.send("POST", "/api/v1/cart/items", json={"productId": scene.world.ours.product_id})
        assert reply.status_code == 201, reply.text
        scene.tokens["X-Cart-Token"] = reply.headers["x-cart-token"]
        return scene.world.ours.product_id
    await a_cart(scene)
    return scene.side.product_id


async def a_cart(scene: Scene) -> int:
    owner = await scene.owner()
    cart_id: int = await scene.world.value(
        "insert into carts (user_id, created_at, updated_at) values ($1, now(), now()) returning id", owner.id
    )
    await scene.world.value(
        "insert into cart_items (cart_id, product_id, quantity, added_at) values ($1, $2, 2, now())",
        cart_id,
        scene.side.product_id,
    )
    return cart_id


async def an_order_number(scene: Scene) -> str:
    """An order that one placed; with goods of one's company, for a seller; to one's zones, for a location admin."""
    return await an_order_of(scene, await _buyer(scene), "cash_on_delivery")


async def _buyer(scene: Scene) -> Person | None:
    """None: a guest."""
    if not scene.mine:
        return await scene.somebody_else()
    if scene.role in (Role.SELLER, Role.LOCATION_ADMIN):
        return await scene.world.someone(Role.SHOP_OWNER)
    return scene.actor


async def an_order_of(scene: Scene, buyer: Person | None, payment_method: str) -> str:
    """An order on the scene's side. A guest's is opened by its token from then on."""
    body = an_order((scene.side.product_id, 1), zone=scene.side.zone, paymentMethod=payment_method)
    body["shippingAddress"] = {**ADDRESS, "address": "1 Main St" if scene.mine else f"1 {SECRET} St"}
    if buyer is None:
        body["email"] = f"{unique('guest')}@example.com"
    reply = await scene.world.send(buyer, "POST", "/api/v1/orders", json=body)
    assert reply.status_code == 201, reply.text
    if buyer is None:
        scene.tokens["X-Order-Token"] = reply.json()["token"]
    number: str = reply.json()["id"]
    return number


async def a_return(scene: Scene) -> int:
    """Of an order that one placed; of goods of one's company, for a seller; to one's zones, for a location admin."""
    buyer = await _buyer(scene)
    number = await an_order_of(scene, buyer, "cash_on_delivery")
    await deliver_order(scene, number)
    body = {
        "lines": [{"productId": scene.side.product_id, "quantity": 1}],
        "reason": "damaged",
        "note": "Broken" if scene.mine else SECRET,
    }
    headers = scene.tokens if buyer is None else {}
    reply = await scene.world.send(buyer, "POST", f"/api/v1/orders/{number}/return", json=body, headers=headers)
    assert reply.status_code == 201, reply.text
    return_id: int = reply.json()["returns"][0]["id"]
    return return_id


async def deliver_order(scene: Scene, number: str) -> None:
    """As an administrator does."""
    admin = await scene.world.someone(Role.ADMIN)
    for status in ("processing", "shipped", "delivered"):
        reply = await scene.world.send(admin, "PUT", f"/api/v1/orders/{number}/status", json={"status": status})
        assert reply.status_code == 200, reply.text


async def a_credit_note(scene: Scene) -> str:
    """Of the order in the path, which was the last to be placed: it was invoiced, and cancelled."""
    path = f"/api/v1/orders/{await scene.world.value('select number from orders order by id desc limit 1')}"
    admin = await scene.world.someone(Role.ADMIN)
    reader = scene.send if scene.mine else functools.partial(scene.world.send, admin)
    assert (await reader("GET", f"{path}/invoice")).status_code == 200
    cancelled = await scene.world.send(admin, "PUT", f"{path}/cancel", json={})
    assert cancelled.status_code == 200, cancelled.text
    number: str = (await reader("GET", f"{path}/credit-notes")).json()["creditNotes"][0]["number"]
    return number


async def an_intent(scene: Scene) -> str:
    """To pay an order of one's own, or of somebody else."""
    buyer = scene.actor if scene.mine else await scene.somebody_else()
    number = await an_order_of(scene, buyer, "card")
    body = {"amount": await total_of(scene, number), "orderId": number}
    headers = scene.tokens if scene.mine else {}
    reply = await scene.world.send(buyer, "POST", "/api/v1/payments/intents", json=body, headers=headers)
    assert reply.status_code == 201, reply.text
    intent_id: str = reply.json()["id"]
    return intent_id


async def a_received_order(scene: Scene) -> str:
    """One's own or somebody else's, that was paid to the shop itself."""
    buyer = scene.actor if scene.mine else await scene.somebody_else()
    number = await an_order_of(scene, buyer, "cash_on_delivery")
    order_id = await scene.world.value("select id from orders where number = $1", number)
    async with scene.world.app.shop.database.transaction() as tx:
        await payments.receive_payment(tx, order_id, provider="cash", actor_id=None)
    return number


async def a_refund(scene: Scene) -> str:
    """Of cash, to be given back by hand."""
    number, admin = await a_received_order(scene), await scene.world.someone(Role.ADMIN)
    reply = await scene.world.send(admin, "POST", "/api/v1/payments/refunds", json={"orderId": number})
    assert reply.status_code == 201, reply.text
    refund_id: str = reply.json()["id"]
    return refund_id


async def the_sandbox(_: Scene) -> str:
    """It is nobody's, and what comes without its signature is refused."""
    return "sandbox"


async def total_of(scene: Scene, number: str) -> int:
    total: int = await scene.world.value("select total_minor from orders where number = $1", number)
    return total


async def any_synonyms(scene: Scene) -> int:
    """They are the shop's."""
    synonyms_id: int = await scene.world.value(
        """
        insert into search_synonyms (terms, created_at, updated_at) values ($1, now(), now()) returning id
        """,
        [unique("word"), unique("meaning")],
    )
    return synonyms_id


async def a_price_list(scene: Scene) -> int:
    """For the goods of one's own company, or another one's."""
    if scene.mine and scene.role != Role.SELLER:
        raise NothingOwn
    price_list_id: int = await scene.world.value(
        """
        insert into price_lists (company_id, name, currency, created_at, updated_at) values ($1, $2, 'USD', now(), now())
        returning id
        """,
        scene.side.company_id,
        "Wholesale" if scene.mine else f"Wholesale {SECRET}",
    )
    return price_list_id


async def a_shipping_method(scene: Scene) -> str:
    return "express"


async def a_currency(scene: Scene) -> str:
    """One that no test deals in otherwise."""
    return "WST"


async def a_zone(scene: Scene) -> int:
    """A zone that one administers, for a location admin; otherwise one that nobody uses."""
    if not scene.mine:
        return await scene.world.client.a_zone()
    if scene.role != Role.LOCATION_ADMIN:
        raise NothingOwn
    return scene.world.ours.zone_id


async def a_company(scene: Scene) -> int:
    """A seller's own company, or one in a location admin's zones; otherwise a new one elsewhere."""
    if not scene.mine:
        company_id = await scene.world.client.a_company(zones={scene.world.theirs.zone_id: (300, None)})
        await scene.world.value("update companies set tax_id = $2 where id = $1", company_id, SECRET)
        scene.company_id = company_id
        return company_id
    if scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    company_id = await scene.world.client.a_company(zones={scene.world.ours.zone_id: (300, None)})
    if scene.role == Role.SELLER:
        await scene.world.value(
            "update company_members set company_id = $2 where user_id = $1", scene.me.id, company_id
        )
    scene.company_id = company_id
    return company_id


async def a_warehouse(scene: Scene) -> int:
    """An empty one of a seller's company, or in a location admin's zones; otherwise one on the other side."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    warehouse_id = await scene.world.client.a_warehouse(scene.side.company_id, scene.side.zone_id)
    await scene.world.value(
        "update warehouses set name = $2 where id = $1", warehouse_id, "Ours" if scene.mine else SECRET
    )
    return warehouse_id


async def a_sold_out_product(scene: Scene) -> int:
    """A product that everybody may wait for."""
    product = await scene.world.client.a_product(
        company_id=scene.world.ours.company_id, category=scene.world.category, stock=0
    )
    product_id: int = product["id"]
    return product_id


async def an_awaited_product(scene: Scene) -> int:
    """A product of a company with a warehouse in a location admin's zones, or of one elsewhere, that somebody waits for."""
    if scene.mine and scene.role != Role.LOCATION_ADMIN:
        raise NothingOwn
    await scene.world.client.a_warehouse(scene.side.company_id, scene.side.zone_id)
    await scene.world.value(
        "insert into stock_waiters (product_id, email, created_at) values ($1, $2, now())",
        scene.side.product_id,
        f"{unique('waits' if scene.mine else SECRET)}@example.com",
    )
    return scene.side.product_id


async def a_needed_item(scene: Scene) -> int:
    """One's own, or of somebody in a location admin's zones; otherwise somebody else's in another zone."""
    if scene.mine and scene.role == Role.ADMIN:
        raise NothingOwn
    item_id: int = await scene.world.value(
        """
        insert into needed_items (user_id, zone_id, title, created_at, updated_at)
        values ($1, $2, $3, now(), now()) returning id
        """,
        (await scene.owner()).id,
        scene.side.zone_id,
        "Pipe" if scene.mine else SECRET,
    )
    return item_id


async def a_vendor(scene: Scene) -> int:
    """Somebody who sells for the company that was made just now, beside its owner."""
    person = await scene.world.a_person(Role.SELLER, mark="" if scene.mine else SECRET)
    owner = scene.me if scene.mine and scene.role == Role.SELLER else await scene.world.a_person(Role.SELLER)
    await scene.world.value(
        """
        insert into company_members (company_id, user_id, is_owner, joined_at)
        values ($1, $2, false, now()), ($1, $3, true, now()) on conflict (user_id) do nothing
        """,
        scene.company_id,
        person.id,
        owner.id,
    )
    return person.id


async def a_promotion(scene: Scene) -> int:
    """One of a seller's company, or for a location admin's zones alone; otherwise a draft on the other side."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    promotion_id: int = await scene.world.value(
        """
        insert into promotions (company_id, name, effect, scope, zone_ids, is_active, starts_at, created_at, updated_at)
        values ($1, $2, '{"kind": "percentage", "rate_bp": 1000}', 'everything', array[$3::bigint], false,
                now(), now(), now()) returning id
        """,
        scene.side.company_id,
        "Ours" if scene.mine else SECRET,
        scene.side.zone_id,
    )
    return promotion_id


async def any_coupon(scene: Scene) -> int:
    """They are the shop's."""
    coupon_id: int = await scene.world.value(
        """
        with terms as (
            insert into promotions (name, effect, scope, needs_code, starts_at, created_at, updated_at)
            values ('Coupon', '{"kind": "percentage", "rate_bp": 1000}', 'everything', true, now(), now(), now()) returning id
        )
        insert into coupons (promotion_id, code, created_at, updated_at) select id, $1, now(), now() from terms returning id
        """,
        unique("CODE").upper(),
    )
    return coupon_id


async def a_zone_slug(scene: Scene) -> str:
    return scene.world.ours.zone


async def a_provider(_: Scene) -> str:
    """None is configured."""
    return "google"


async def an_avatar(scene: Scene) -> str:
    """The key of a picture that was uploaded, which everybody may see."""
    key = f"avatars/{unique('picture')}.webp"
    await scene.world.app.shop.files.put(f"public/{key}", b"RIFF")
    return key


async def an_asset(_: Scene) -> str:
    return "swagger-ui.css"


OBJECTS: Final[Mapping[str, Maker]] = {
    "/addresses/{address_id}": an_address,
    "/admins/shop-owners/{user_id}": a_shop_owner,
    "/admins/{user_id}": an_admin,
    "/auth/oauth/{provider}": a_provider,
    "/auth/sessions/{session_id}": a_session,
    "/cart/items/{product_id}": a_cart_line,
    "/carts/user/{user_id}": a_user,
    "/carts/{cart_id}": a_cart,
    "/categories/{category}": a_new_category,
    "/companies/zone/{zone}": a_zone_slug,
    "/companies/{company_id}": a_company,
    "/companies/{company_id}/vendors/{user_id}": a_vendor,
    "/currencies/{currency_code}": a_currency,
    "/coupons/{coupon_id}": any_coupon,
    "/docs/{asset}": an_asset,
    "/media/{key}": an_avatar,
    "/needed-items/{item_id}": a_needed_item,
    "/notify-me/check/{product_id}": any_product,
    "/notify-me/product/{product_id}": an_awaited_product,
    "/notify-me/{product_id}": a_sold_out_product,
    "/orders/{order_id}": an_order_number,
    "/orders/{order_id}/credit-notes/{number}": a_credit_note,
    "/payments/intents/{intent_id}": an_intent,
    "/payments/refunds/{refund_id}": a_refund,
    "/payments/webhooks/{provider}": the_sandbox,
    "/products/category/{slug}": a_category,
    "/products/import/{import_id}": an_import,
    "/price-lists/{price_list_id}": a_price_list,
    "/products/{product_id}": a_product,
    "/products/{product_id}/images/{image_id}": an_image,
    "/promotions/{promotion_id}": a_promotion,
    "/returns/{return_id}": a_return,
    "/reviews/{review_id}": a_review,
    "/search/synonyms/{synonyms_id}": any_synonyms,
    "/shipping/methods/{method_code}": a_shipping_method,
    "/upload/{key}": an_upload,
    "/users/favorites/{product_id}": a_favourite,
    "/users/me/addresses/{address_id}": an_address,
    "/users/{user_id}": a_user,
    "/vendors/company/{company_id}": a_company,
    "/vendors/orders/{order_id}": an_order_number,
    "/vendors/products/{product_id}": a_product,
    "/warehouses/{warehouse_id}": a_warehouse,
    "/wishlist/{product_id}": a_favourite,
    "/zones/{zone_id}": a_zone,
}
"""By the path up to the parameter. What is for everybody alike is nobody's own."""
