"""The rows of the products, with what became of them during the year: their ratings and what lies in the warehouses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from entrepot.demo.catalogue import Catalogue, Product, translations_of
from entrepot.demo.content import Content
from entrepot.demo.entries import CURRENCY
from entrepot.demo.people import People
from entrepot.demo.pictures import picture_key, thumbnail_key
from entrepot.demo.stockroom import Stockroom
from entrepot.demo.tables import Books, moment_of
from entrepot.demo.year import Year


def enter_groups(books: Books, content: Content, catalogue: Catalogue, created_at: datetime) -> Iterator[int]:
    """Yields how many groups, now and then."""
    company_ids = {company.slug: place + 1 for place, company in enumerate(content.companies)}
    created = moment_of(created_at)
    done = 0
    for group in catalogue.groups():
        books.of("product_groups").append((
            books.next_id("product_groups"), company_ids[group.company], group.key, group.title, created
        ))  # fmt: skip
        done += 1
        if done == 2000:
            yield done
            done = 0
    yield done


class ProductRows:
    """Writes products into the books, in the order of their ids."""

    def __init__(
        self, content: Content, catalogue: Catalogue, people: People, stockroom: Stockroom, year: Year, now: datetime
    ) -> None:
        self._catalogue = catalogue
        self._stockroom = stockroom
        self._year = year
        self._people = people
        self._now = now
        self._company_places = {company.slug: place for place, company in enumerate(content.companies)}
        self._category_ids = {category.slug: place + 1 for place, category in enumerate(content.categories)}
        self._brand_ids = {brand: place + 1 for place, brand in enumerate(content.brands)}
        self._zone_ids = {zone.slug: place + 1 for place, zone in enumerate(content.zones)}

    def enter(self, books: Books) -> Iterator[int]:
        """Yields how many products, now and then."""
        done = 0
        for product in self._catalogue.products():
            self._enter(books, product)
            done += 1
            if done == 1000:
                yield done
                done = 0
        yield done

    def _enter(self, books: Books, product: Product) -> None:
        article = product.article
        product_id = books.next_id("products")
        company = self._company_places[article.company]
        created = moment_of(self._catalogue.created_at(product.place, self._now))
        books.of("products").append((
            product_id, company + 1, self._people.sellers[company], self._category_ids[article.category],
            self._brand_ids[product.brand], None if product.group is None else product.group + 1,
            msgspec.json.encode(product.options).decode(), product.sku, product.title, product.description,
            product.price_minor, CURRENCY, product.discount_bp, self._year.rating_sums[product.place],
            self._year.rating_counts[product.place], article.tags, product.weight_g, article.width_mm, article.height_mm,
            article.depth_mm, article.warranty, article.shipping, article.returns, product.unit, article.minimum,
            barcode(product_id), thumbnail_key(product.picture), created, created,
        ))  # fmt: skip
        books.of("product_images").append((
            books.next_id("product_images"), product_id, 0, picture_key(product.picture)
        ))  # fmt: skip
        if product.is_base:
            for language, title, description in translations_of(product):
                books.of("product_translations").append((product_id, language, title, description))
            for zone in article.zones:
                books.of("product_zones").append((product_id, self._zone_ids[zone]))
        self._enter_stock(books, product.place)

    def _enter_stock(self, books: Books, place: int) -> None:
        stockroom = self._stockroom
        available = 0
        for slot in stockroom.slots(place):
            on_hand, reserved = stockroom.on_hand[slot], stockroom.reserved[slot]
            available += on_hand - reserved
            books.of("stock_levels").append((
                place + 1, stockroom.warehouse_id(slot), on_hand, reserved, stockroom.threshold(slot)
            ))  # fmt: skip
        books.of("product_stock").append((place + 1, available))


def barcode(product_id: int) -> str:
    """An EAN-13 of the numbers that shops may give themselves: a 2, eleven digits and the check digit."""
    digits = f"2{product_id:011d}"
    weighted = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
    return f"{digits}{-weighted % 10}"
