"""A valid request for every route: the description's own example where it is valid, and otherwise what stands here."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final

import httpx
from litestar.handlers import HTTPRouteHandler
from PIL import Image

from entrepot.identity import one_time_codes, recovery_queries, security_queries
from entrepot.inventory import StockChange, set_stock
from entrepot.inventory.unsubscribe import unsubscribe_token
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.openapi import PREFIX, operations_of
from entrepot.kernel.secrets import hash_secret, new_secret
from tests.access.objects import a_received_order, an_address, an_order_of, any_coupon, deliver_order, filled, total_of
from tests.access.world import NothingOwn, Scene, World
from tests.builders import ADDRESS, PASSWORD, an_order, unique

BodyMaker = Callable[[Scene], Awaitable[dict[str, Any]]]


def handlers_of(world: World) -> dict[tuple[str, str], HTTPRouteHandler]:
    """Every route of the running shop, by path and method."""
    return {
        (path, method): handler for method, path, handler in operations_of(world.app.litestar) if method != "OPTIONS"
    }


async def try_out(scene: Scene, method: str, path: str) -> httpx.Response:
    """Send a valid request for the route, about the scene's object. Raises NothingOwn where there can be none."""
    target = await filled(scene, path) + await query_of(scene, method, path)
    handler = handlers_of(scene.world)[path, method]
    if (field := handler.opt.get("multipart")) is not None:
        return await scene.send(method, target, files={field: file_of(method, path)})
    return await scene.send(method, target, json=await body_of(scene, method, path))


async def query_of(scene: Scene, method: str, path: str) -> str:
    """What stands behind the path, where the route is told there whose it is about."""
    maker = QUERIES.get(f"{method} {path.removeprefix(PREFIX)}")
    return await maker(scene) if maker is not None else ""


def file_of(method: str, path: str) -> tuple[str, bytes, str]:
    """What the route takes as a file: a picture, if nothing else is said."""
    return FILES.get(f"{method} {path.removeprefix(PREFIX)}", ("picture.png", a_picture(), "image/png"))


async def body_of(scene: Scene, method: str, path: str) -> Any:
    """A valid body for the route; None where it takes none."""
    key = f"{method} {path.removeprefix(PREFIX)}"
    if (maker := BODIES.get(key)) is not None:
        return await maker(scene)
    return example_body(scene.world, method, path)


def example_body(world: World, method: str, path: str) -> Any:
    """The description's example of the body; None where the route takes none."""
    described = world.description["paths"].get(spoken(path), {}).get(method.lower(), {})
    content = described.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


def spoken(path: str) -> str:
    """The path as the description has it: parameters in camelCase."""
    parts = path.split("{")
    return "{".join([parts[0], *(_camel(part) for part in parts[1:])])


def _camel(part: str) -> str:
    name, brace, rest = part.partition("}")
    first, *words = name.split("_")
    return "".join([first, *(word.capitalize() for word in words), brace, rest])


@cache
def a_picture() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(picture, "PNG")
    return picture.getvalue()


async def _registration(scene: Scene) -> dict[str, Any]:
    return {"email": f"{unique('new')}@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith"}


async def _sign_in(scene: Scene) -> dict[str, Any]:
    person = scene.actor or await scene.somebody_else()
    return {"email": person.user.email, "password": PASSWORD}


async def _refresh(scene: Scene) -> dict[str, Any]:
    person = scene.actor or await scene.somebody_else()
    return {"refreshToken": person.refresh_token}


async def _mailed_token(scene: Scene, purpose: str) -> dict[str, Any]:
    person = scene.actor or await scene.somebody_else()
    token = new_secret()
    async with scene.world.app.shop.database.transaction() as tx:
        await security_queries.insert_mailed_token(
            tx,
            token_hash=hash_secret(token),
            user_id=person.id,
            purpose=purpose,
            email=person.user.email,
            lifetime=timedelta(hours=1),
        )
    return {"token": token}


async def _forgotten_password(scene: Scene) -> dict[str, Any]:
    return {**await _mailed_token(scene, "reset_password"), "newPassword": "Better456"}


async def _email_verification(scene: Scene) -> dict[str, Any]:
    return await _mailed_token(scene, "verify_email")


async def _email(scene: Scene) -> dict[str, Any]:
    return {"email": (scene.actor or await scene.somebody_else()).user.email}


async def _code(scene: Scene) -> dict[str, Any]:
    person, shop = scene.actor or await scene.somebody_else(), scene.world.app.shop
    subject = one_time_codes.Subject.of(None, person.user.email)
    hashed = one_time_codes._hash(shop.keys.peppers(one_time_codes.JOB)[0], subject, "123456")
    async with shop.database.transaction() as tx:
        await recovery_queries.replace_code(tx, subject.key, person.id, hashed, timedelta(minutes=5))
    return {"email": person.user.email, "code": "123456"}


async def _new_password(scene: Scene) -> dict[str, Any]:
    return {"currentPassword": PASSWORD, "newPassword": "Better456"}


async def _profile(scene: Scene) -> dict[str, Any]:
    return {"firstName": "Janet"}


async def _deletion(scene: Scene) -> dict[str, Any]:
    return {"password": PASSWORD}


async def _admin(scene: Scene) -> dict[str, Any]:
    return {
        "email": f"{unique('new')}@example.com",
        "firstName": "Jane",
        "lastName": "Smith",
        "role": "location_admin",
        "zones": [scene.world.ours.zone],
    }


async def _zones(scene: Scene) -> dict[str, Any]:
    return {"zones": [scene.world.ours.zone]}


async def _inactive(scene: Scene) -> dict[str, Any]:
    return {"isActive": False}


async def _wish(scene: Scene) -> dict[str, Any]:
    return {"productId": scene.world.ours.product_id}


async def _product(scene: Scene) -> dict[str, Any]:
    """For one's own company, or one in one's zones, or for another one."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    return {
        "title": unique("Product"),
        "description": "A product that a test has made.",
        "price": 10,
        "thumbnail": "https://example.com/picture.jpg",
        "category": scene.world.category,
        "brand": "Testbrand",
        "stock": 1,
        "companyId": scene.side.company_id,
    }


async def _products(scene: Scene) -> dict[str, Any]:
    return {"products": [await _product(scene)], "atomic": True}


async def _company_query(scene: Scene) -> str:
    """One's own company, or one in one's zones, or another one."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    return f"?company={scene.side.company_id}"


async def _product_change(scene: Scene) -> dict[str, Any]:
    return {
        "title": unique("Product"),
        "price": 12.5,
        "dimensions": {"width": 1},
        "group": {"key": unique("group")},
        "options": {"size": "M"},
    }


async def _category(scene: Scene) -> dict[str, Any]:
    return {"name": unique("Category"), "parentId": await _id_of_category(scene, scene.world.category)}


async def _category_name(scene: Scene) -> dict[str, Any]:
    return {"name": "Renamed"}


async def _category_order(scene: Scene) -> dict[str, Any]:
    """Of two new categories in a new one."""
    client = scene.world.client
    parent = await _id_of_category(scene, await client.a_category())
    children = [await _id_of_category(scene, await client.a_category(parent)) for _ in range(2)]
    return {"parentId": parent, "ids": children[::-1]}


async def _id_of_category(scene: Scene, slug: str) -> int:
    category_id: int = await scene.world.value("select id from categories where slug = $1", slug)
    return category_id


async def _review(scene: Scene) -> dict[str, Any]:
    """Of the product in the path, once the actor has bought it."""
    if scene.actor is not None and scene.product_id:
        body = an_order((scene.product_id, 1), zone=scene.side.zone, paymentMethod="cash_on_delivery")
        number = (await scene.send("POST", "/api/v1/orders", json=body)).json()["id"]
        await scene.world.value(
            """
            update order_parts set status = 'delivered' where order_id = (select id from orders where number = $1)
            """,
            number,
        )
    return {"rating": 5, "comment": "Good."}


async def _review_change(scene: Scene) -> dict[str, Any]:
    return {"rating": 3}


async def _client_cart(scene: Scene) -> dict[str, Any]:
    return {"products": [{"id": scene.world.ours.product_id, "quantity": 1}]}


async def _cart_item(scene: Scene) -> dict[str, Any]:
    return {"productId": scene.world.ours.product_id, "quantity": 1}


async def _users_cart(scene: Scene) -> dict[str, Any]:
    return {**await _client_cart(scene), "userId": (await scene.owner()).id}


async def _next_status(scene: Scene) -> dict[str, Any]:
    return {"status": "processing"}


async def _cancellation(scene: Scene) -> dict[str, Any]:
    return {"reason": "Changed my mind"}


async def _note(scene: Scene) -> dict[str, Any]:
    return {"note": "Please ring twice"}


async def _seller_review(scene: Scene) -> dict[str, Any]:
    """Of the order in the path, which was the last to be placed, once it was delivered."""
    await scene.world.value("update order_parts set status = 'delivered' where order_id = (select max(id) from orders)")
    return {"overall": 5, "communication": 4, "timeliness": 3}


async def _return(scene: Scene) -> dict[str, Any]:
    """Of the order in the path, which was the last to be placed, once it was delivered."""
    number = await scene.world.value("select number from orders where status = 'pending' order by id desc limit 1")
    if number is not None:
        await deliver_order(scene, number)
    return {"lines": [{"productId": scene.side.product_id, "quantity": 1}], "reason": "damaged"}


async def _return_step(scene: Scene) -> dict[str, Any]:
    """What a seller or administrator may make of it, or its buyer."""
    return {"status": "approved" if scene.role in (Role.SELLER, Role.LOCATION_ADMIN, Role.ADMIN) else "cancelled"}


async def _order(scene: Scene) -> dict[str, Any]:
    body = an_order((scene.world.ours.product_id, 1), zone=scene.world.ours.zone)
    return body if scene.actor is not None else {**body, "email": f"{unique('guest')}@example.com"}


async def _intent(scene: Scene) -> dict[str, Any]:
    """For an order of one's own, or of somebody else."""
    number = await an_order_of(scene, scene.actor if scene.mine else await scene.somebody_else(), "card")
    return {"amount": await total_of(scene, number), "currency": "usd", "metadata": {"orderId": number}}


async def _refund(scene: Scene) -> dict[str, Any]:
    return {"orderId": await a_received_order(scene), "amount": 1, "reason": "Arrived broken"}


async def _zone(scene: Scene) -> dict[str, Any]:
    return {"name": unique("Zone"), "centre": {"latitude": 36.9, "longitude": 42.9}}


async def _company(scene: Scene) -> dict[str, Any]:
    return {"name": unique("Company"), "deliveryFees": [{"zone": scene.world.ours.zone, "deliveryFee": 3}]}


async def _delivery_fees(scene: Scene) -> dict[str, Any]:
    """For the zone that the company is in."""
    return {"deliveryFees": [{"zone": scene.side.zone, "deliveryFee": 3}]}


async def _invitation(scene: Scene) -> dict[str, Any]:
    return {"email": f"{unique('invited')}@example.com"}


async def _description(scene: Scene) -> dict[str, Any]:
    return {"description": "Sells everything."}


async def _commission(scene: Scene) -> dict[str, Any]:
    return {"rate": 12.5}


async def _words(scene: Scene) -> str:
    return "?q=product"


async def _synonyms(scene: Scene) -> dict[str, Any]:
    return {"terms": [unique("word"), unique("meaning")]}


async def _tax_rates(scene: Scene) -> dict[str, Any]:
    """For a country where nobody lives."""
    return {"rates": [{"country": unique("Country"), "rate": 8.25}]}


async def _tariffs(scene: Scene) -> dict[str, Any]:
    """For one's zone, for a location admin; or for another one."""
    if scene.mine and scene.role != Role.LOCATION_ADMIN:
        raise NothingOwn
    return {"tariffs": [{"method": "express", "zone": scene.side.zone, "rates": [{"fee": 9.5}]}]}


async def _method_change(scene: Scene) -> dict[str, Any]:
    return {"maxDays": 5}


async def _parcel(scene: Scene) -> dict[str, Any]:
    """To an address of one's own, or of somebody else."""
    return {"addressId": await an_address(scene), "weight": 1.5, "subtotal": 20}


async def _exchange_rate(scene: Scene) -> dict[str, Any]:
    return {"rate": 2.7}


async def _address(scene: Scene) -> dict[str, Any]:
    return {**ADDRESS, "label": "Work"}


async def _side_with_warehouse(scene: Scene) -> tuple[int, int]:
    """A product of one's company, or of one in one's zones, or another one; and a new warehouse of its company there."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    side = scene.side
    return side.product_id, await scene.world.client.a_warehouse(side.company_id, side.zone_id)


async def _stock(scene: Scene) -> dict[str, Any]:
    _, warehouse_id = await _side_with_warehouse(scene)
    return {"adjustment": 2, "warehouseId": warehouse_id}


async def _stock_update(scene: Scene) -> dict[str, Any]:
    product_id, warehouse_id = await _side_with_warehouse(scene)
    return {"productId": product_id, "adjustment": 2, "warehouseId": warehouse_id}


async def _stock_updates(scene: Scene) -> dict[str, Any]:
    """Each row is answered for itself."""
    return {"items": [{"productId": scene.world.theirs.product_id, "adjustment": 0}]}


async def _transfer(scene: Scene) -> dict[str, Any]:
    """Between two warehouses in the zone of the side."""
    product_id, from_id = await _side_with_warehouse(scene)
    to_id = await scene.world.client.a_warehouse(scene.side.company_id, scene.side.zone_id)
    async with scene.world.app.shop.database.transaction() as tx:
        change = StockChange(product_id=product_id, warehouse_id=from_id, adjustment=1)
        await set_stock(tx, Actor(role=Role.ADMIN), change)
    return {
        "fromWarehouseId": from_id,
        "toWarehouseId": to_id,
        "items": [{"productId": product_id, "quantity": 1}],
    }


async def _warehouse(scene: Scene) -> dict[str, Any]:
    """For one's own company, or another one."""
    if scene.mine and scene.role != Role.SELLER:
        raise NothingOwn
    return {
        "name": "Depot",
        "code": unique("W").upper(),
        "zone": scene.side.zone,
        "companyId": scene.side.company_id,
    }


async def _needed_item(scene: Scene) -> dict[str, Any]:
    return {"title": "Copper pipe"}


async def _unsubscription(scene: Scene) -> dict[str, Any]:
    return {"token": unsubscribe_token(scene.world.app.shop.keys, 2**40)}


async def _email_of_a_guest(scene: Scene) -> dict[str, Any]:
    return {} if scene.actor is not None else {"email": f"{unique('guest')}@example.com"}


async def _needed_answer(scene: Scene) -> dict[str, Any]:
    return {"status": "declined"}


async def _price_list(scene: Scene) -> dict[str, Any]:
    """For the goods of one's own company, or another one's."""
    if scene.mine and scene.role != Role.SELLER:
        raise NothingOwn
    return {"name": "Wholesale", "companyId": scene.side.company_id, "forRole": "shop_owner"}


async def _price_list_name(scene: Scene) -> dict[str, Any]:
    return {"name": "Retail"}


async def _prices(scene: Scene) -> dict[str, Any]:
    """Of a product of the list's company."""
    return {"prices": [{"productId": scene.side.product_id, "tiers": [{"fromQuantity": 10, "price": 1}]}]}


async def _products_query(scene: Scene) -> str:
    return f"?products={scene.world.ours.product_id}"


async def _warehouse_name(scene: Scene) -> dict[str, Any]:
    return {"name": "Depot"}


async def _promotion(scene: Scene) -> dict[str, Any]:
    """For the goods of one's own company in one's own zone, or on the other side."""
    if scene.mine and scene.role not in (Role.SELLER, Role.LOCATION_ADMIN):
        raise NothingOwn
    return {
        "name": "Sale",
        "type": "percentage",
        "value": 10,
        "companyId": scene.side.company_id,
        "zones": [scene.side.zone],
        "isActive": False,
    }


async def _promotion_name(scene: Scene) -> dict[str, Any]:
    return {"name": "Renamed"}


async def _coupon(scene: Scene) -> dict[str, Any]:
    return {"code": unique("CODE").upper(), "type": "percentage", "value": 10}


async def _code_for_the_cart(scene: Scene) -> dict[str, Any]:
    """A coupon, and something in the cart that it takes something off."""
    if scene.actor is not None:
        await scene.send("POST", "/api/v1/cart/items", json={"productId": scene.world.ours.product_id, "quantity": 1})
    coupon_id = await any_coupon(scene)
    return {"code": await scene.world.value("select code from coupons where id = $1", coupon_id)}


async def _to_our_zone(scene: Scene) -> dict[str, Any]:
    return {"zone": scene.world.ours.zone}


async def _rehearsal(scene: Scene) -> dict[str, Any]:
    return {"days": 1}


QUERIES: Final[Mapping[str, Callable[[Scene], Awaitable[str]]]] = {
    "GET /products/search": _words,
    "GET /products/suggest": _words,
    "GET /prices": _products_query,
    "GET /products/export": _company_query,
    "POST /products/import": _company_query,
}
"""Queries that say whose it is to be; such a try is one about an object."""

FILES: Final[Mapping[str, tuple[str, bytes, str]]] = {
    "POST /products/import": ("products.csv", b"sku,price\nA-1,1\n", "text/csv"),
    "POST /inventory/counts": ("counts.csv", b"sku,onHand\n", "text/csv"),
}
"""Files that are no pictures."""

BODIES: Final[Mapping[str, BodyMaker]] = {
    "PATCH /admins/shop-owners/{user_id}/active": _inactive,
    "PATCH /admins/{user_id}/active": _inactive,
    "PATCH /admins/{user_id}/zones": _zones,
    "PATCH /categories/reorder": _category_order,
    "PATCH /companies/{company_id}/commission": _commission,
    "PATCH /companies/{company_id}/delivery-fees": _delivery_fees,
    "PATCH /companies/{company_id}/status": _inactive,
    "PATCH /products/{product_id}": _product_change,
    "PATCH /inventory/bulk-update": _stock_updates,
    "PATCH /inventory/stock/update": _stock_update,
    "PATCH /needed-items/{item_id}/status": _needed_answer,
    "PATCH /products/{product_id}/stock": _stock,
    "PATCH /vendors/orders/{order_id}/status": _next_status,
    "PATCH /vendors/products/{product_id}/stock": _stock,
    "POST /addresses": _address,
    "POST /admins": _admin,
    "POST /auth/change-password": _new_password,
    "POST /auth/forgot-password": _email,
    "POST /auth/login": _sign_in,
    "POST /auth/refresh": _refresh,
    "POST /auth/register": _registration,
    "POST /auth/request-otp": _email,
    "POST /auth/reset-password": _forgotten_password,
    "POST /auth/verify-email": _email_verification,
    "POST /auth/verify-otp": _code,
    "POST /cart": _client_cart,
    "POST /cart/items": _cart_item,
    "POST /cart/quick-stock-check": _client_cart,
    "POST /cart/validate-checkout": _client_cart,
    "POST /carts/add": _users_cart,
    "POST /categories": _category,
    "POST /checkout/apply-coupon": _code_for_the_cart,
    "POST /checkout/quote": _client_cart,
    "POST /companies": _company,
    "POST /companies/{company_id}/vendors": _invitation,
    "POST /coupons": _coupon,
    "POST /inventory/transfers": _transfer,
    "POST /needed-items": _needed_item,
    "POST /notify-me/unsubscribe": _unsubscription,
    "POST /notify-me/{product_id}": _email_of_a_guest,
    "POST /orders": _order,
    "POST /orders/{order_id}/return": _return,
    "POST /orders/{order_id}/notes": _note,
    "POST /orders/{order_id}/review": _seller_review,
    "POST /payments/intents": _intent,
    "POST /payments/refunds": _refund,
    "POST /price-lists": _price_list,
    "POST /products": _product,
    "POST /products/add": _product,
    "POST /products/bulk": _products,
    "POST /products/{product_id}/reviews": _review,
    "POST /promotions": _promotion,
    "POST /promotions/apply": _to_our_zone,
    "POST /promotions/preview": _to_our_zone,
    "POST /promotions/{promotion_id}/rehearse": _rehearsal,
    "POST /search/synonyms": _synonyms,
    "POST /shipping/rates": _parcel,
    "POST /users/me/addresses": _address,
    "POST /users/me/delete": _deletion,
    "POST /vendors/products": _product,
    "POST /warehouses": _warehouse,
    "POST /wishlist": _wish,
    "POST /zones": _zone,
    "PUT /admins/{user_id}": _profile,
    "PUT /carts/{cart_id}": _client_cart,
    "PUT /categories/{category}": _category_name,
    "PUT /companies/{company_id}": _description,
    "PUT /coupons/{coupon_id}": _promotion_name,
    "PUT /currencies/{currency_code}": _exchange_rate,
    "PUT /orders/{order_id}/cancel": _cancellation,
    "PUT /orders/{order_id}/status": _next_status,
    "PUT /price-lists/{price_list_id}": _price_list_name,
    "PUT /price-lists/{price_list_id}/prices": _prices,
    "PUT /products/{product_id}": _product_change,
    "PUT /promotions/{promotion_id}": _promotion_name,
    "PUT /returns/{return_id}/status": _return_step,
    "PUT /reviews/{review_id}": _review_change,
    "PUT /search/synonyms/{synonyms_id}": _synonyms,
    "PUT /shipping/methods/{method_code}": _method_change,
    "PUT /shipping/rates": _tariffs,
    "PUT /tax/rates": _tax_rates,
    "PUT /users/me": _profile,
    "PUT /users/{user_id}": _profile,
    "PUT /vendors/company/{company_id}": _description,
    "PUT /vendors/products/{product_id}": _product_change,
    "PUT /warehouses/{warehouse_id}": _warehouse_name,
    "PUT /zones/{zone_id}": _zone,
}
"""Bodies that name something of this world. A body that asks whose it is to be makes the try one about an object."""
