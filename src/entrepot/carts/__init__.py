"""Carts: what users and guests mean to buy.

Owns `carts` and `cart_items`. A user has one cart, a guest one under an opaque token that is stored hashed; it becomes the
user's at sign-in. Promises: prices are never kept, so a cart, its validation and its order agree to the cent; what was
put in is there, whatever happens at once, up to `MAX_LINES` lines; a product that is not sold any more is shown as such.

Every change locks the cart's row first and touches its lines afterwards. Where two carts are locked, the guest's comes
before the user's; a checkout locks its cart before any stock.
"""

from entrepot.carts.buy import cart_token_hash, list_wanted
from entrepot.carts.erase import erase_person
from entrepot.carts.fill import sync
from entrepot.carts.jobs import JOBS
from entrepot.carts.merge import merge_guest_cart
from entrepot.carts.model import CartFull
from entrepot.carts.queries import removal_of_bought
from entrepot.carts.views import CartView

__all__ = [
    "JOBS",
    "CartFull",
    "CartView",
    "cart_token_hash",
    "erase_person",
    "list_wanted",
    "merge_guest_cart",
    "removal_of_bought",
    "sync",
]
