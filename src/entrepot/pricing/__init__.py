"""Pricing: what a basket costs, and why.

Owns promotions and coupons with their uses, price lists, tax rates, shipping methods and rates, and exchange rates. `quote`
reads what decides (two statements) and `price` decides, purely; everybody who needs a total calls them. Promises: what a
quote said is what the order charges; parts, discounts and taxes sum exactly; a limit is never overstepped, whatever happens
at once; who has a price list never pays more for it.
"""

from entrepot.pricing.constraints import CONSTRAINTS
from entrepot.pricing.coupons import CouponOver
from entrepot.pricing.coupons_insisted import COUPON_REFUSALS, coupon_refusal, refuse_unless_coupon_counts
from entrepot.pricing.currencies import CurrencyNotDealtIn
from entrepot.pricing.destination import destination_of
from entrepot.pricing.events import CACHE_TAGS
from entrepot.pricing.explain import Step, StepKind, explain, explain_line
from entrepot.pricing.model import STANDARD, Basket, BasketLine, Buyer
from entrepot.pricing.own_pages import OwnPages
from entrepot.pricing.price import price
from entrepot.pricing.priced import PricedBasket, PricedLine, PricedPart
from entrepot.pricing.promotions import PromotionOver
from entrepot.pricing.quote import Asked, Destination, Quote, quote
from entrepot.pricing.quote_queries import Place
from entrepot.pricing.quote_token import MAX_QUOTE_LENGTH, changes_since, quoted_amounts, read_quote, write_quote
from entrepot.pricing.rules import Rules, TaxRate, TaxRules
from entrepot.pricing.savings_views import AppliedView, NotAppliedView, not_applied_views
from entrepot.pricing.shelf import Shelf
from entrepot.pricing.uses import OpenedPromotion, claim_uses, forget_buyer, release_uses

__all__ = [
    "CACHE_TAGS",
    "CONSTRAINTS",
    "COUPON_REFUSALS",
    "MAX_QUOTE_LENGTH",
    "STANDARD",
    "AppliedView",
    "Asked",
    "Basket",
    "BasketLine",
    "Buyer",
    "CouponOver",
    "CurrencyNotDealtIn",
    "Destination",
    "NotAppliedView",
    "OpenedPromotion",
    "OwnPages",
    "Place",
    "PricedBasket",
    "PricedLine",
    "PricedPart",
    "PromotionOver",
    "Quote",
    "Rules",
    "Shelf",
    "Step",
    "StepKind",
    "TaxRate",
    "TaxRules",
    "changes_since",
    "claim_uses",
    "coupon_refusal",
    "destination_of",
    "explain",
    "explain_line",
    "forget_buyer",
    "not_applied_views",
    "price",
    "quote",
    "quoted_amounts",
    "read_quote",
    "refuse_unless_coupon_counts",
    "release_uses",
    "write_quote",
]
