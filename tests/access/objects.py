"""What stands behind each parameter of a path: how an object comes to be there that is one's own, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

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
    return scene.side.product_id


async def any_product(scene: Scene) -> int:
    """A product. It is for everybody alike."""
    return scene.world.ours.product_id


async def a_category(scene: Scene) -> str:
    return scene.world.category


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


async def total_of(scene: Scene, number: str) -> int:
    total: int = await scene.world.value("select total_minor from orders where number = $1", number)
    return total


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
    "/companies/zone/{zone}": a_zone_slug,
    "/companies/{company_id}": a_company,
    "/companies/{company_id}/vendors/{user_id}": a_vendor,
    "/docs/{asset}": an_asset,
    "/media/{key}": an_avatar,
    "/orders/{order_id}": an_order_number,
    "/payments/intents/{intent_id}": an_intent,
    "/products/category/{slug}": a_category,
    "/products/{product_id}": any_product,
    "/users/favorites/{product_id}": a_favourite,
    "/users/me/addresses/{address_id}": an_address,
    "/users/{user_id}": a_user,
    "/vendors/company/{company_id}": a_company,
    "/wishlist/{product_id}": a_favourite,
    "/zones/{zone_id}": a_zone,
}
"""By the path up to the parameter. What is for everybody alike is nobody's own."""
