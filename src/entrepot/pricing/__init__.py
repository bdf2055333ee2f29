"""Pricing: what a basket costs, and why. Pure functions over live terms; everybody who needs a total calls them."""

from entrepot.pricing.basket import BasketLine, PricedBasket, PricedLine, PricedPart, basket_line, price_basket

__all__ = ["BasketLine", "PricedBasket", "PricedLine", "PricedPart", "basket_line", "price_basket"]
