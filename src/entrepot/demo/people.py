"""The people of the demo shop: demo accounts, sellers, shop owners and buyers, with where they live.

Ids: the demo accounts in the order of the content, then the other sellers, then shop owners, then buyers in the order in
which they registered.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

import bcrypt
import msgspec

from entrepot.demo.chance import Lottery
from entrepot.demo.content import Community, Content, Zone
from entrepot.settings import DEMO_PASSWORD

FEWEST_BUYERS: Final = 150
ORDERS_OF_A_BUYER: Final = 10
BUYERS_OF_A_SHOP: Final = 50
ACCOUNTS_DOMAIN: Final = "entrepot.test"
COUNTRY: Final = "Iraq"

_COST: Final = 12
_MEMBERS_BEFORE_DAYS: Final = 500
_MAIL_DOMAINS: Final = ("example.com", "example.net", "example.org")
_MOBILE_PREFIXES: Final = ("750", "751", "770", "771", "773", "780")
_SCATTER: Final = 2_654_435_761
"""A prime: multiples of it visit every number before one comes again."""

_ZONE_SHARES: Final = {"west": 38, "east": 28, "south": 18, "north": 16}
_SHOP_KINDS: Final = ("Market", "Minimarket", "Bakery", "Restaurant", "Household Store", "Building Corner", "Café")
_LATIN: Final = str.maketrans({"ı": "i", "ø": "o", "ß": "ss"})


class Home(msgspec.Struct, frozen=True):
    """Where somebody lives or sells; longitude before latitude."""

    zone: int
    street: str
    town: str
    state: str
    zip: str
    longitude: float
    latitude: float


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `users`; `zone` is a place in the content's zones, `company` of a seller in its companies."""

    id: int
    email: str
    username: str
    role: str
    first_name: str
    last_name: str
    gender: str
    age: int
    language: str
    phone: str
    zone: int | None
    registered_at: datetime
    home: Home | None
    shop: str | None = None
    company: int | None = None


class People(msgspec.Struct, frozen=True):
    """Everybody, in the order of their ids, and who is what. `sellers` has the id of each company's seller."""

    everybody: list[Person]
    sellers: list[int]
    shop_owners: list[Person]
    buyers: list[Person]

    def registered_until(self, seconds: int, start: int) -> int:
        """How many buyers had registered at a time (since 1970); counts on from `start`, where it was a while before."""
        while start < len(self.buyers) and self.buyers[start].registered_at.timestamp() <= seconds:
            start += 1
        return start


def buyers_for(orders: int) -> int:
    return max(FEWEST_BUYERS, orders // ORDERS_OF_A_BUYER)


def password_hash(seed: int) -> str:
    """The bcrypt hash of the demo password, the same for the same seed. Takes a quarter of a second."""
    salt = base64.b64encode(hashlib.sha256(f"entrepot demo {seed}".encode()).digest()[:16]).rstrip(b"=")
    standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bcrypts = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    prefix = f"$2b${_COST}$".encode()
    return bcrypt.hashpw(DEMO_PASSWORD.encode(), prefix + salt.translate(bytes.maketrans(standard, bcrypts))).decode()


def invite_people(content: Content, orders: int, seed: int, now: datetime) -> People:
    """Everybody that a shop with so many orders needs."""
    return Registry(content, Random(f"{seed} people"), now).fill(buyers_for(orders))


class Registry:
    """Makes people, one id after the other, and no address twice."""

    def __init__(self, content: Content, random: Random, now: datetime) -> None:
        self._content = content
        self._random = random
        self._now = now
        self._zones = [zone.slug for zone in content.zones]
        self._zone_lottery = Lottery(_ZONE_SHARES[slug] for slug in self._zones)
        self._town_lotteries = [Lottery(town.share for town in zone.towns) for zone in content.zones]
        self._community_lottery = Lottery(community.share for community in content.communities)
        self._everybody: list[Person] = []
        self._names_taken: dict[str, int] = {}
        self._phones = 0
        self._founded_at = now - timedelta(days=1200)

    def fill(self, buyers: int) -> People:
        sellers = {company.seller.account: place for place, company in enumerate(self._content.companies)}
        for account in self._content.accounts:
            self._add(
                email=f"{account.username}@{ACCOUNTS_DOMAIN}",
                username=account.username,
                role=account.role,
                first_name=account.first_name,
                last_name=account.last_name,
                gender=account.gender,
                age=account.age,
                language=account.language,
                zone=None if account.zone is None else self._zones.index(account.zone),
                shop=account.shop,
                company=sellers.get(account.username),
                registered_at=self._founded_at,
            )
        self._add_sellers()
        known_owners = [person for person in self._everybody if person.role == "shop_owner"]
        known = [person for person in self._everybody if person.role == "user"]
        owners = list(self._shop_owners(max(len(self._content.shops), buyers // BUYERS_OF_A_SHOP)))
        newcomers = [self._buyer(place / buyers) for place in range(buyers)]
        by_company = {person.company: person.id for person in self._everybody if person.company is not None}
        return People(
            everybody=self._everybody,
            sellers=[by_company[place] for place in range(len(self._content.companies))],
            shop_owners=known_owners + owners,
            buyers=known + newcomers,
        )

    def guest(self) -> Person:
        """Somebody who orders without an account; the id is 0."""
        first_name, last_name, gender, _ = self._name()
        zone = self._zone_lottery.draw(self._random)
        username = self._free_name(f"{_ascii(first_name)}.{_ascii(last_name)}")
        return Person(
            id=0,
            email=f"{username}@{self._random.choice(_MAIL_DOMAINS)}",
            username=username,
            role="guest",
            first_name=first_name,
            last_name=last_name,
            gender=gender,
            age=self._age(),
            language="en",
            phone=self._phone(),
            zone=zone,
            registered_at=self._now,
            home=self.home_in(zone),
        )

    def _add_sellers(self) -> None:
        for place, company in enumerate(self._content.companies):
            seller = company.seller
            if seller.account is None:
                name = seller.first_name.lower()
                self._add(
                    email=f"{name}@{ACCOUNTS_DOMAIN}",
                    username=name,
                    role="seller",
                    first_name=seller.first_name,
                    last_name=seller.last_name,
                    gender=seller.gender,
                    age=self._random.randint(27, 55),
                    language="en",
                    zone=self._zones.index(company.warehouses[0].zone),
                    company=place,
                    registered_at=self._founded_at + timedelta(days=place),
                )

    def _shop_owners(self, count: int) -> Iterator[Person]:
        for place in range(count):
            registered_at = self._founded_at + timedelta(
                days=20 + 700 * place / count, seconds=self._random.randrange(36000)
            )
            if place < len(self._content.shops):
                shop = self._content.shops[place]
                yield self._member(
                    "shop_owner", shop.first_name, shop.last_name, shop.gender, shop.age, "ckb",
                    self._zones.index(shop.zone), registered_at, shop.name,
                )  # fmt: skip
            else:
                first_name, last_name, gender, community = self._name()
                name = f"{last_name} {self._random.choice(_SHOP_KINDS)}"
                yield self._member(
                    "shop_owner", first_name, last_name, gender, self._age(), community.language,
                    self._zone_lottery.draw(self._random), registered_at, name,
                )  # fmt: skip

    def _buyer(self, share: float) -> Person:
        """`share` of all buyers registered before."""
        first_name, last_name, gender, community = self._name()
        days = _MEMBERS_BEFORE_DAYS * (1 - share) ** 1.25
        registered_at = self._now - timedelta(days=days, seconds=600)
        return self._member(
            "user", first_name, last_name, gender, self._age(), community.language,
            self._zone_lottery.draw(self._random), registered_at, None,
        )  # fmt: skip

    def _member(
        self, role: str, first_name: str, last_name: str, gender: str, age: int, language: str, zone: int,
        registered_at: datetime, shop: str | None,
    ) -> Person:  # fmt: skip
        username = self._free_name(f"{_ascii(first_name)}.{_ascii(last_name)}")
        return self._add(
            email=f"{username}@{self._random.choice(_MAIL_DOMAINS)}",
            username=username,
            role=role,
            first_name=first_name,
            last_name=last_name,
            gender=gender,
            age=age,
            language=language,
            zone=zone,
            shop=shop,
            registered_at=registered_at,
        )

    def _add(
        self, *, email: str, username: str, role: str, first_name: str, last_name: str, gender: str, age: int,
        language: str, zone: int | None, registered_at: datetime, shop: str | None = None, company: int | None = None,
    ) -> Person:  # fmt: skip
        lives = zone is not None and role in ("user", "shop_owner")
        person = Person(
            id=len(self._everybody) + 1,
            email=email,
            username=username,
            role=role,
            first_name=first_name,
            last_name=last_name,
            gender=gender,
            age=age,
            language=language,
            phone=self._phone(),
            zone=zone,
            registered_at=registered_at,
            home=self.home_in(zone) if lives and zone is not None else None,
            shop=shop,
            company=company,
        )
        self._everybody.append(person)
        return person

    def home_in(self, place: int) -> Home:
        """A believable address in a zone."""
        zone: Zone = self._content.zones[place]
        town = zone.towns[self._town_lotteries[place].draw(self._random)]
        random = self._random
        return Home(
            zone=place,
            street=f"{random.choice(zone.streets)} {random.randint(1, 240)}",
            town=town.name,
            state=zone.state,
            zip=town.zip,
            longitude=round(town.at[0] + random.uniform(-0.018, 0.018), 5),
            latitude=round(town.at[1] + random.uniform(-0.014, 0.014), 5),
        )

    def _name(self) -> tuple[str, str, str, Community]:
        random = self._random
        community = self._content.communities[self._community_lottery.draw(random)]
        gender = "female" if random.random() < 0.54 else "male"
        first_names: Sequence[str] = community.women if gender == "female" else community.men
        return random.choice(first_names), random.choice(community.families), gender, community

    def _age(self) -> int:
        return min(78, max(18, round(self._random.gauss(36, 12))))

    def _phone(self) -> str:
        """Like a mobile number of the region, each given out once; real ones have no 0 after the prefix."""
        self._phones += 1
        prefix, number = divmod(self._phones * _SCATTER % (len(_MOBILE_PREFIXES) * 1_000_000), 1_000_000)
        return f"+964 {_MOBILE_PREFIXES[prefix]} 0{number // 10_000:02d} {number % 10_000:04d}"

    def _free_name(self, name: str) -> str:
        taken = self._names_taken.get(name, 0) + 1
        self._names_taken[name] = taken
        return name if taken == 1 else f"{name}{taken}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_LATIN)).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum())
