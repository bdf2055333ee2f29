"""The HTTP surface of carts."""

from __future__ import annotations

from litestar import Controller, Response
from litestar.datastructures import Cookie

from entrepot.carts import queries
from entrepot.carts.appraise import Wanted, appraise, appraise_checkout, appraise_own
from entrepot.carts.change import change, clear, discard, is_allowed, refuse_unless_allowed, remove
from entrepot.carts.fill import Filled, add, add_for_user, sync, update
from entrepot.carts.model import (
    KEPT_FOR,
    CartFull,
    CartItemNotFound,
    CartNotFound,
    NotYourCart,
    Owner,
    UserNotFound,
)
from entrepot.carts.quote_views import QuoteView
from entrepot.carts.requests import (
    ChangedItem,
    CheckedProducts,
    Checkout,
    ClientCart,
    FilledCart,
    NewItem,
    UpdatedCart,
)
from entrepot.carts.views import CartPage, CartView, CheckoutView, DeletedCartView, StockView, ValidationView
from entrepot.catalog import ProductNotFound
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, guest_or_user, signed_in
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import Id
from entrepot.pricing import CurrencyNotDealtIn
from entrepot.shop import Shop

CART_HEADER = "X-Cart-Token"
CART_COOKIE = "cart_token"


class CartController(Controller):
    path = "/cart"
    tags = ["Cart"]

    @get("/", guard=guest_or_user)
    async def get_cart(self, db: Db, actor: Actor, shop: Shop) -> CartView:
        """The cart, at today's prices.

        A user has one cart on all devices. A guest's is opened by the token that the shop gave when something was first
        put in; without one, the cart is empty and has no id. `notices` name the products that could not be ordered as they
        stand, such as one that is not sold any more.
        """
        return CartView.of(await appraise_own(db, actor, shop.settings), shop)

    @post("/", guard=guest_or_user, status=200, refuses=(CartFull,))
    async def sync_cart(self, tx: Tx, actor: Actor, shop: Shop, data: ClientCart) -> Response[CartView]:
        """Merge a cart that the client kept by itself into the shop's.

        Of each product the larger quantity counts, so that to send the same cart again changes nothing; to lower a
        quantity, use `PUT /cart/items/{id}`. Products that are not sold are left out, and named in `notices`. A guest's
        first cart comes with its token in the header `X-Cart-Token` and as a cookie.
        """
        return _reply(await sync(tx, actor, data.quantities, shop.settings), shop)

    @post("/items", guard=guest_or_user, refuses=(ProductNotFound, CartFull))
    async def add_item(self, tx: Tx, actor: Actor, shop: Shop, data: NewItem) -> Response[CartView]:
        """Put pieces of a product into the cart, on top of those that are in it, up to 1,000,000.

        More than there are in stock may be put in: `notices` tell, with the quantity that could be ordered. A guest's first
        product makes a cart, whose token comes in the header `X-Cart-Token` and as the cookie `cart_token`: send either
        one from then on. A token that the shop does not know is never taken over; a new one comes instead.
        """
        return _reply(await add(tx, actor, data.product_id, data.quantity, shop.settings), shop)

    @put("/items/{product_id:int}", guard=guest_or_user, refuses=(CartItemNotFound,))
    async def change_item(
        self, tx: Tx, actor: Actor, shop: Shop, product_id: Id, data: ChangedItem
    ) -> Response[CartView]:
        """Set the quantity of a product in the cart; 0 removes it."""
        appraisal = await change(tx, actor, product_id, data.quantity, shop.settings)
        return _reply(Filled(appraisal, actor.cart_token if actor.is_guest else None), shop)

    @delete("/items/{product_id:int}", guard=guest_or_user, refuses=(CartItemNotFound,))
    async def remove_item(self, tx: Tx, actor: Actor, product_id: Id) -> None:
        """Take a product out of the cart."""
        await remove(tx, actor, product_id)

    @delete("/", guard=guest_or_user)
    async def clear_cart(self, tx: Tx, actor: Actor) -> None:
        """Empty the cart. A guest's token stays good."""
        await clear(tx, actor)

    @post("/validate", guard=guest_or_user, status=200)
    async def validate(self, db: Db, actor: Actor, shop: Shop) -> ValidationView:
        """Whether the cart can be ordered as it stands.

        Looks at availability, stock, minimum quantities and delivery to the default address, or else the buyer's zone. Each
        problem has the code that an order would be refused with, and the quantity that could be ordered instead.
        """
        return ValidationView.of(await appraise_checkout(db, actor, Wanted(), shop.settings), shop)

    @post("/validate-checkout", guard=guest_or_user, status=200, refuses=(CurrencyNotDealtIn,))
    async def validate_checkout(self, db: Db, actor: Actor, shop: Shop, data: Checkout | None = None) -> CheckoutView:
        """Whether an order would be taken, and exactly what it would charge.

        Checks the products given, or else the cart, for delivery to `zone`; else to the zone that the address (of `country`,
        `state` and `city`, or else the default one) lies in; else the buyer's own. Nothing is reserved:
        what is left may be sold to somebody else meanwhile.
        """
        asked = data or Checkout()
        return CheckoutView.of(await appraise_checkout(db, actor, asked.wanted, shop.settings), shop)

    @post("/quick-stock-check", guard=guest_or_user, status=200)
    async def quick_stock_check(
        self, db: Db, actor: Actor, shop: Shop, data: CheckedProducts | None = None
    ) -> StockView:
        """Whether there is enough of the products given, or else of those in the cart."""
        asked = data or CheckedProducts()
        wanted = Wanted(quantities=asked.quantities)
        return StockView.of(await appraise_checkout(db, actor, wanted, shop.settings))


class QuoteController(Controller):
    path = "/checkout"
    tags = ["Checkout"]

    @post("/quote", guard=guest_or_user, status=200, refuses=(CurrencyNotDealtIn,))
    async def quote(self, db: Db, actor: Actor, shop: Shop, data: Checkout | None = None) -> QuoteView:
        """The exact totals that `POST /orders` would charge, line by line, with every discount explained.

        Prices the products given, or else the cart: with the buyer's own prices, promotions, coupon, tax and shipping. An
        order of the same goods to the same address costs exactly this, or, if it is sent with `quote`, is refused with what
        changed. Nothing is reserved.
        """
        asked = data or Checkout()
        return QuoteView.of(await appraise_checkout(db, actor, asked.wanted, shop.settings), shop)


class CartsController(Controller):
    path = "/carts"
    tags = ["Cart"]

    @get("/{cart_id:int}", guard=signed_in, refuses=(CartNotFound,))
    async def get_cart(self, db: Db, actor: Actor, shop: Shop, cart_id: Id) -> CartView:
        """A cart by its id, for its user and administrators."""
        cart = await queries.find_cart_by_id(db, cart_id)
        if cart is None or not is_allowed(actor, cart.user_id):
            raise CartNotFound
        return CartView.of(await appraise(db, actor, cart, shop.settings), shop)

    @get("/user/{user_id:int}", guard=signed_in, refuses=(NotYourCart, UserNotFound))
    async def list_carts(self, db: Db, actor: Actor, shop: Shop, user_id: Id, page: Page) -> CartPage:
        """A user's carts, for that user and administrators: one, or none while nothing was ever put in."""
        refuse_unless_allowed(actor, user_id)
        cart = await queries.find_cart(db, Owner(user_id, None))
        if cart is None and not await queries.user_exists(db, user_id):
            raise UserNotFound
        found = [cart] if cart is not None else []
        shown = [
            CartView.of(await appraise(db, actor, cart, shop.settings), shop)
            for cart in found[page.skip : page.skip + page.limit]
        ]
        return CartPage(carts=shown, total=len(found), skip=page.skip, limit=len(shown))

    @post("/add", guard=signed_in, refuses=(NotYourCart, UserNotFound, ProductNotFound, CartFull))
    async def add_cart(self, tx: Tx, actor: Actor, shop: Shop, data: FilledCart) -> CartView:
        """Put products into a user's cart, on top of what is in it; administrators may fill anybody's."""
        user_id = data.user_id or actor.id
        return CartView.of(await add_for_user(tx, actor, user_id, data.quantities, shop.settings), shop)

    @put("/{cart_id:int}", guard=signed_in, refuses=(CartNotFound, ProductNotFound, CartFull))
    async def update_cart(self, tx: Tx, actor: Actor, shop: Shop, cart_id: Id, data: UpdatedCart) -> CartView:
        """Set products and quantities in a cart.

        With `merge` what else is in it stays; without, the cart holds exactly the products given.
        """
        appraisal = await update(tx, actor, cart_id, data.quantities, merge=data.merge, settings=shop.settings)
        return CartView.of(appraisal, shop)

    @delete("/{cart_id:int}", guard=signed_in, status=200, refuses=(CartNotFound,))
    async def delete_cart(self, tx: Tx, actor: Actor, shop: Shop, cart_id: Id) -> DeletedCartView:
        """Delete a cart; answers what was in it."""
        shown = CartView.of(await discard(tx, actor, cart_id, shop.settings), shop)
        return DeletedCartView.deleted(shown, clock.now())


def _reply(filled: Filled, shop: Shop) -> Response[CartView]:
    """The cart; for a guest with its token, in a header for programs and in a cookie for browsers."""
    view = CartView.of(filled.appraisal, shop, filled.left_out)
    if filled.token is None:
        return Response(view)
    cookie = Cookie(
        key=CART_COOKIE,
        value=filled.token,
        path="/",
        max_age=int(KEPT_FOR.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=shop.settings.address.startswith("https://"),
    )
    return Response(view, headers={CART_HEADER: filled.token, "Set-Cookie": cookie.to_header(header="")})
