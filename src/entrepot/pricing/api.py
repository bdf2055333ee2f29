"""The HTTP surface of pricing."""

from entrepot.pricing.coupons_api import CouponCheckoutController, CouponController
from entrepot.pricing.currencies_api import CurrencyController
from entrepot.pricing.price_lists_api import OwnPricesController, PriceListController
from entrepot.pricing.promotions_api import PromotionController
from entrepot.pricing.shipping_api import ShippingController
from entrepot.pricing.tax_api import TaxController

__all__ = [
    "CouponCheckoutController",
    "CouponController",
    "CurrencyController",
    "OwnPricesController",
    "PriceListController",
    "PromotionController",
    "ShippingController",
    "TaxController",
]
