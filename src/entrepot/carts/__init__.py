"""Carts: what users and guests mean to buy.

Owns `carts` and `cart_items`. A user has one cart, a guest one under an opaque token that is stored hashed. Prices are
never kept: a cart is priced when it is read.
"""

from entrepot.carts.buy import list_wanted, remove_bought

__all__ = ["list_wanted", "remove_bought"]
