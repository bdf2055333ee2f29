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
from entrepot.kernel.actors import Role
from entrepot.kernel.openapi import PREFIX, operations_of
from entrepot.kernel.secrets import hash_secret, new_secret
from tests.access.objects import an_order_of, filled, total_of
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
    target = await filled(scene, path)
    handler = handlers_of(scene.world)[path, method]
    if (field := handler.opt.get("multipart")) is not None:
        return await scene.send(method, target, files={field: ("picture.png", a_picture(), "image/png")})
    return await scene.send(method, target, json=await body_of(scene, method, path))


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


async def _client_cart(scene: Scene) -> dict[str, Any]:
    return {"products": [{"id": scene.world.ours.product_id, "quantity": 1}]}


async def _cart_item(scene: Scene) -> dict[str, Any]:
    return {"productId": scene.world.ours.product_id, "quantity": 1}


async def _users_cart(scene: Scene) -> dict[str, Any]:
    return {**await _client_cart(scene), "userId": (await scene.owner()).id}


async def _order(scene: Scene) -> dict[str, Any]:
    body = an_order((scene.world.ours.product_id, 1), zone=scene.world.ours.zone)
    return body if scene.actor is not None else {**body, "email": f"{unique('guest')}@example.com"}


async def _intent(scene: Scene) -> dict[str, Any]:
    """For an order of one's own, or of somebody else."""
    number = await an_order_of(scene, scene.actor if scene.mine else await scene.somebody_else(), "card")
    return {"amount": await total_of(scene, number), "currency": "usd", "metadata": {"orderId": number}}


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


async def _address(scene: Scene) -> dict[str, Any]:
    return {**ADDRESS, "label": "Work"}


BODIES: Final[Mapping[str, BodyMaker]] = {
    "PATCH /admins/shop-owners/{user_id}/active": _inactive,
    "PATCH /admins/{user_id}/active": _inactive,
    "PATCH /admins/{user_id}/zones": _zones,
    "PATCH /companies/{company_id}/commission": _commission,
    "PATCH /companies/{company_id}/delivery-fees": _delivery_fees,
    "PATCH /companies/{company_id}/status": _inactive,
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
    "POST /companies": _company,
    "POST /companies/{company_id}/vendors": _invitation,
    "POST /orders": _order,
    "POST /payments/intents": _intent,
    "POST /products": _product,
    "POST /products/add": _product,
    "POST /users/me/addresses": _address,
    "POST /users/me/delete": _deletion,
    "POST /wishlist": _wish,
    "POST /zones": _zone,
    "PUT /admins/{user_id}": _profile,
    "PUT /carts/{cart_id}": _client_cart,
    "PUT /companies/{company_id}": _description,
    "PUT /users/me": _profile,
    "PUT /users/{user_id}": _profile,
    "PUT /vendors/company/{company_id}": _description,
    "PUT /zones/{zone_id}": _zone,
}
"""Bodies that name something of this world. A body that asks whose it is to be makes the try one about an object."""
