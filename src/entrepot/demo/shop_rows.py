"""The rows of what is there before anybody buys: zones, companies, warehouses, categories, brands and people."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Final

import msgspec

from entrepot.demo.content import Content, Zone, price_minor
from entrepot.demo.people import COUNTRY, People, Person, Registry
from entrepot.demo.tables import Books, moment_of
from entrepot.kernel.slugs import slug_of

_SECOND_ADDRESS: Final = 0.12


def enter_shop(
    books: Books, content: Content, people: People, *, password_hash: str, seed: int, founded_at: datetime
) -> None:
    """Everything but products and orders. Ids follow the order of the content."""
    founded = moment_of(founded_at)
    _enter_zones(books, content, founded)
    _enter_companies(books, content, people, founded)
    _enter_categories(books, content, founded)
    for brand in content.brands:
        books.of("brands").append((books.next_id("brands"), slug_of(brand), brand, founded))
    _enter_people(books, content, people, password_hash, seed)


def _enter_zones(books: Books, content: Content, founded: int) -> None:
    for zone in content.zones:
        boundary = _json({"type": "Polygon", "coordinates": [zone.boundary]})
        longitude, latitude = zone.centre
        books.of("zones").append((
            books.next_id("zones"), zone.slug, zone.name, latitude, longitude, boundary, founded, founded
        ))  # fmt: skip


def _enter_companies(books: Books, content: Content, people: People, founded: int) -> None:
    zone_ids = {zone.slug: place + 1 for place, zone in enumerate(content.zones)}
    zones = {zone.slug: zone for zone in content.zones}
    for place, company in enumerate(content.companies):
        company_id = books.next_id("companies")
        seat = company.warehouses[0]
        books.of("companies").append((
            company_id, company.slug, company.name, company.description, company.house, company.email, company.phone,
            company.tax_id, _address(seat.street, zones[seat.zone]), founded, founded,
        ))  # fmt: skip
        books.of("company_members").append((company_id, people.sellers[place], True, founded))
        for slug, delivery in company.zones.items():
            books.of("company_zones").append((
                company_id, zone_ids[slug], price_minor(delivery.fee), price_minor(delivery.free_from)
            ))  # fmt: skip
        books.of("company_commissions").append((company_id, founded, round(company.commission * 100)))
        for warehouse in company.warehouses:
            longitude, latitude = warehouse.at
            books.of("warehouses").append((
                books.next_id("warehouses"), company_id, zone_ids[warehouse.zone], warehouse.code, warehouse.name,
                _address(warehouse.street, zones[warehouse.zone]), latitude, longitude, founded, founded,
            ))  # fmt: skip


def _enter_categories(books: Books, content: Content, founded: int) -> None:
    ids = {category.slug: place + 1 for place, category in enumerate(content.categories)}
    for category in content.categories:
        category_id = books.next_id("categories")
        parent_id = None if category.parent is None else ids[category.parent]
        books.of("categories").append((
            category_id, parent_id, category.slug, category.name, category_id, founded, founded
        ))  # fmt: skip
        for language, name in category.names.items():
            books.of("category_translations").append((category_id, language, name))


def _enter_people(books: Books, content: Content, people: People, password_hash: str, seed: int) -> None:
    random = Random(f"{seed} addresses")
    movers = Registry(content, random, people.everybody[0].registered_at)
    for person in people.everybody:
        zone_id = None if person.zone is None else person.zone + 1
        registered = moment_of(person.registered_at)
        books.next_id("users")
        books.of("users").append((
            person.id, person.email, person.username, password_hash, person.role, person.first_name, person.last_name,
            person.phone, person.gender, person.age, person.language, zone_id, registered,
            registered, registered,
        ))  # fmt: skip
        if person.role == "location_admin":
            books.of("admin_zones").append((person.id, zone_id))
        if person.home is not None:
            _enter_address(books, person, "Home" if person.shop is None else person.shop, is_default=True)
            if person.shop is None and person.zone is not None and random.random() < _SECOND_ADDRESS:
                office = msgspec.structs.replace(person, home=movers.home_in(person.zone))
                _enter_address(books, office, "Work", is_default=False)


def _enter_address(books: Books, person: Person, label: str, *, is_default: bool) -> None:
    home = person.home
    if home is not None:
        registered = moment_of(person.registered_at)
        books.of("addresses").append((
            books.next_id("addresses"), person.id, label, person.first_name, person.last_name, home.street, home.town,
            home.state, home.zip, COUNTRY, person.phone, home.latitude, home.longitude, home.zone + 1, is_default,
            registered, registered,
        ))  # fmt: skip


def _address(street: str, zone: Zone) -> str:
    return _json({"address": street, "city": zone.city, "state": zone.state, "zipCode": zone.zip, "country": COUNTRY})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
