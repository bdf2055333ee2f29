"""Catalog: products, categories, brands and reviews.

Owns `products` and the tables around it, `categories`, `brands` and `favourites`. Promises: lists answer from a cache that
is never more than a moment behind; what is deleted is not shown; a seller changes only its company's products.
"""

from entrepot.catalog.asked_language import AcceptLanguage, Lang
from entrepot.catalog.columns import Columns
from entrepot.catalog.columns_selection import Selection
from entrepot.catalog.documents import EncodedProducts
from entrepot.catalog.erase import erase_person
from entrepot.catalog.events import (
    CACHE_TAGS,
    CATALOG_TAG,
    CHANGED_PRODUCTS,
    PRICES_TAG,
    CatalogLoaded,
    CategoriesChanged,
    ProductChanged,
    ProductCreated,
    product_tag,
)
from entrepot.catalog.facets import Facets
from entrepot.catalog.follow import Following
from entrepot.catalog.import_now import export_now, import_now
from entrepot.catalog.imports_jobs import IMPORT_JOBS
from entrepot.catalog.list_products import Presentation, presentation, products_in_order
from entrepot.catalog.list_views import FacetsView, ListedProduct, ProductList, SelectedList, selected
from entrepot.catalog.model import CONSTRAINTS, ProductNotFound
from entrepot.catalog.product_filter import ProductFilter, product_filter
from entrepot.catalog.queries import ForSale, list_for_sale
from entrepot.catalog.uploads_jobs import UPLOAD_JOBS

__all__ = [
    "CACHE_TAGS",
    "CATALOG_TAG",
    "CHANGED_PRODUCTS",
    "CONSTRAINTS",
    "IMPORT_JOBS",
    "PRICES_TAG",
    "UPLOAD_JOBS",
    "AcceptLanguage",
    "CatalogLoaded",
    "CategoriesChanged",
    "Columns",
    "EncodedProducts",
    "Facets",
    "FacetsView",
    "Following",
    "ForSale",
    "Lang",
    "ListedProduct",
    "Presentation",
    "ProductChanged",
    "ProductCreated",
    "ProductFilter",
    "ProductList",
    "ProductNotFound",
    "SelectedList",
    "Selection",
    "erase_person",
    "export_now",
    "import_now",
    "list_for_sale",
    "presentation",
    "product_filter",
    "product_tag",
    "products_in_order",
    "selected",
]
