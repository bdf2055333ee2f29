"""Catalog: products, categories, brands and reviews.

Owns `products` and the tables around it, `categories`, `brands` and `favourites`. Promises: lists answer from a cache that
is never more than a moment behind; what is deleted is not shown; a seller changes only its company's products.
"""

from entrepot.catalog.erase import erase_person
from entrepot.catalog.events import CACHE_TAGS, ProductChanged, ProductCreated, product_tag
from entrepot.catalog.model import CONSTRAINTS, ProductNotFound
from entrepot.catalog.queries import ForSale, list_for_sale

__all__ = [
    "CACHE_TAGS",
    "CONSTRAINTS",
    "ForSale",
    "ProductChanged",
    "ProductCreated",
    "ProductNotFound",
    "erase_person",
    "list_for_sale",
    "product_tag",
]
