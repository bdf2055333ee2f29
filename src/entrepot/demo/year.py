"""A year of trade that ends now: orders come in with the day's rhythm, goods leave and arrive, buyers say what they think.

Everything happens in the order of time, so that stock is right at every moment. A day's events wait in a heap; what
follows from them later waits for its day.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any, Final

from entrepot.demo.assortment import RETAIL, WHOLESALE, Assortment, Offer
from entrepot.demo.baskets import Baskets
from entrepot.demo.catalogue import Catalogue
from entrepot.demo.chance import Lottery
from entrepot.demo.content import Content
from entrepot.demo.entries import Entered, Entries, Line, Placed
from entrepot.demo.fates import CANCELLED, DAY, DELIVERED, HOUR, RETURNED, SHIPPED, Fate, foresee
from entrepot.demo.people import People, Person, Registry
from entrepot.demo.reviews import rate, write_review
from entrepot.demo.seasons import Seasons
from entrepot.demo.stock_keeping import StockKeeping
from entrepot.demo.stockroom import Stockroom
from entrepot.demo.tables import Books, moment
from entrepot.kernel.money import allocate

DAYS: Final = 365
_LOCAL_HOURS: Final = 3
_BASKET_TRIES: Final = 12

# Kinds of events. Those of the same second happen in this order.
_SUPPLY, _LISTING, _ARRIVAL, _MOVE, _REVIEW, _UPKEEP = range(6)
_RETAIL_BUYER, _GUEST, _SHOP = range(3)

# What a status does to the stock that an order took: the reason, and the directions of on hand and reserved.
_MOVES: Final = {SHIPPED: ("shipment", -1, -1), CANCELLED: ("release", 0, -1), RETURNED: ("return", 1, 0)}

Event = tuple[int, int, int, Any]
"""When, which kind, a running number, and what it is about."""


class Year:
    """The trade of a year. `rating_sums` and `rating_counts` are by place of the product."""

    def __init__(
        self, content: Content, catalogue: Catalogue, assortment: Assortment, stockroom: Stockroom, people: People,
        *, orders: int, seed: int, now: datetime,
    ) -> None:  # fmt: skip
        self._content = content
        self._catalogue = catalogue
        self._assortment = assortment
        self._stockroom = stockroom
        self._people = people
        self._orders = orders
        self._seed = seed
        self._now = int(now.timestamp())
        self._random = Random(f"{seed} year")
        self._guests = Registry(content, Random(f"{seed} guests"), now)
        self._keeping = StockKeeping(content, assortment, stockroom, people.sellers, self._random)
        self._seasons = Seasons(content.rhythm)
        self._baskets = Baskets(assortment, content.rhythm)
        self._entries = Entries(content, catalogue, assortment, stockroom, people, seed)
        payment = content.rhythm.payment
        self._methods = [
            (list(weights), Lottery(weights.values())) for weights in (payment.retail, payment.guest, payment.wholesale)
        ]
        self._first_day = (now.astimezone(UTC) - timedelta(days=DAYS)).date()
        self._begins_at = int(datetime.combine(self._first_day, datetime.min.time(), UTC).timestamp())
        self._days = (now.astimezone(UTC).date() - self._first_day).days + 1
        self._due: list[list[Event]] = [[] for _ in range(self._days)]
        self._sequence = 0
        self._today: list[Event] = []
        self._day = -1
        self._registered = 1
        self._offers: dict[tuple[int, int], Offer] = {}
        places = len(assortment.prices_minor)
        self.rating_sums = array("q", bytes(8 * places))
        self.rating_counts = array("i", bytes(4 * places))

    def open(self, books: Books) -> Iterator[int]:
        """The first stock of what is in the shop when the year begins; yields how many products, now and then."""
        begins_at = self._midnight(0)
        done = 0
        for place, listed_at in enumerate(self._assortment.listed_at):
            if listed_at < begins_at:
                self._keeping.open(books, place, listed_at)
            else:
                self._plan(listed_at, _LISTING, place)
            done += 1
            if done == 2000:
                yield done
                done = 0
        yield done

    def run(self, books: Books) -> Iterator[int]:
        """Day after day; yields how many orders came in, several times a day when there are many."""
        counts = self._daily_counts()
        for day in range(self._days):
            self._day = day
            self._offers = {}
            self._today, self._due[day] = self._due[day], []
            for channel, count in enumerate(counts[day]):
                self._plan_arrivals(channel, count)
            self._plan(self._midnight(day) + 4 * HOUR, _SUPPLY, None)
            self._plan(self._midnight(day) + 11 * HOUR, _UPKEEP, None)
            heapify(self._today)
            placed = 0
            while self._today:
                at, kind, _, about = heappop(self._today)
                if kind == _ARRIVAL:
                    self._order(books, at, about)
                    placed += 1
                    if placed == 500:
                        yield placed
                        placed = 0
                elif kind == _MOVE:
                    self._move(books, at, about)
                elif kind == _REVIEW:
                    self._review(books, at, *about)
                elif kind == _LISTING:
                    self._keeping.open(books, about, at)
                elif kind == _SUPPLY:
                    self._keeping.restock(books, at)
                else:
                    self._keeping.tidy(books, at)
            yield placed

    # ---- when

    def _midnight(self, day: int) -> int:
        return self._begins_at + day * DAY

    def _plan(self, at: int, kind: int, about: Any) -> None:
        """Have it happen, unless that is in the future."""
        if at > self._now:
            return
        day = (at - self._midnight(0)) // DAY
        self._sequence += 1
        event = (at, kind, self._sequence, about)
        if day > self._day:
            self._due[day].append(event)
        else:
            heappush(self._today, event)

    def _daily_counts(self) -> list[tuple[int, int]]:
        """How many orders retail buyers and shops place on each day; all days together make the number wanted."""
        rhythm = self._content.rhythm
        wholesale = round(self._orders * rhythm.wholesale_share)
        columns = []
        for channel, total, weekdays in (
            (RETAIL, self._orders - wholesale, rhythm.retail_weekdays),
            (WHOLESALE, wholesale, rhythm.wholesale_weekdays),
        ):
            weights = []
            for day in range(self._days):
                today = self._first_day + timedelta(days=day)
                growth = 1 + (rhythm.growth - 1) * day / self._days
                mood = self._random.gauss(1.0, 0.07)
                demand = self._assortment.demand(channel, today)
                weights.append(
                    max(0, round(1e6 * growth * mood * weekdays[today.weekday()] * demand * self._open_share(day)))
                )
            columns.append(allocate(total, weights))
        return list(zip(*columns, strict=True))

    def _open_share(self, day: int) -> float:
        """How much of the day lies within the year that ends now."""
        if day == 0:
            return 1 - self._passed_today()
        return self._passed_today() if day == self._days - 1 else 1.0

    def _passed_today(self) -> float:
        return (self._now - self._midnight(self._days - 1)) / DAY

    def _plan_arrivals(self, channel: int, count: int) -> None:
        rhythm = self._content.rhythm
        hours = Lottery(rhythm.retail_hours if channel == RETAIL else rhythm.wholesale_hours)
        random = self._random
        midnight = self._midnight(self._day)
        for _ in range(count):
            hour = (hours.draw(random) - _LOCAL_HOURS) % 24
            at = midnight + hour * HOUR + random.randrange(HOUR)
            if self._day == self._days - 1 and at > self._now:
                at = midnight + int((self._now - midnight) * random.random())
            self._sequence += 1
            self._today.append((at, _ARRIVAL, self._sequence, self._kind_of_buyer(channel)))

    def _kind_of_buyer(self, channel: int) -> int:
        if channel == WHOLESALE:
            return _SHOP
        return _GUEST if self._random.random() < self._content.rhythm.guest_share else _RETAIL_BUYER

    # ---- orders

    def _order(self, books: Books, at: int, kind: int) -> None:
        buyer = self._buyer(kind, at)
        zone = buyer.zone or 0
        channel = WHOLESALE if kind == _SHOP else RETAIL
        lines = self._fill_basket(books, buyer, zone, channel, at)
        self._keeping.move(
            books, at, "sale", [pair for line in lines for pair in line.taken],
            on_hand=0, reserved=1, actor_id=buyer.id or None, order_id=books.last_id("orders") + 1,
        )  # fmt: skip
        parts = self._entries.parts_of(lines)
        names, lottery = self._methods[kind]
        method = names[lottery.draw(self._random)]
        fate = foresee(
            self._random,
            self._content.rhythm.outcome,
            placed_at=at,
            method=method,
            near=tuple(self._is_near(part, zone) for part in parts),
            now=self._now,
        )
        entered = self._entries.enter(books, Placed(buyer, at, method, parts, fate))
        self._plan_what_follows(entered, buyer, fate)

    def _buyer(self, kind: int, at: int) -> Person:
        random = self._random
        if kind == _GUEST:
            return self._guests.guest()
        if kind == _SHOP:
            owners = self._people.shop_owners
            return owners[int(len(owners) * random.random() ** 1.2)]
        self._registered = self._people.registered_until(at, self._registered)
        count = self._registered
        if random.random() < 0.25:
            return self._people.buyers[count - 1 - int(random.random() * count * 0.06)]
        return self._people.buyers[int(count * random.random() ** 1.3)]

    def _fill_basket(self, books: Books, buyer: Person, zone: int, channel: int, at: int) -> list[Line]:
        """At least one line, all of them in stock."""
        random = self._random
        offer = self._offer(channel, zone)
        wanted = self._baskets.size(random, channel)
        chosen: list[int] = []
        lines: list[Line] = []
        for _ in range(wanted + _BASKET_TRIES):
            if len(lines) == wanted:
                break
            place = self._baskets.next_product(
                random, offer, chosen=chosen, channel=channel, zone=zone, person=buyer.id, moment=at
            )
            if place is None:
                continue
            quantity = self._baskets.quantity(random, place, channel)
            taken = self._stockroom.choose(place, quantity, zone)
            if taken is None and quantity > (minimum := self._assortment.minimums[place]):
                quantity = minimum
                taken = self._stockroom.choose(place, quantity, zone)
            if taken is not None:
                chosen.append(place)
                lines.append(Line(place, quantity, taken))
        return lines or [self._any_line(books, zone, at)]

    def _any_line(self, books: Books, zone: int, at: int) -> Line:
        """Something for somebody who found nothing: the first product that reaches the zone, fetched if need be."""
        place = next(
            place for place in range(len(self._assortment.prices_minor)) if self._assortment.reaches(place, zone, at)
        )
        quantity = self._assortment.minimums[place]
        if self._stockroom.choose(place, quantity, zone) is None:
            self._keeping.rush(books, place, quantity, at)
        return Line(place, quantity, self._stockroom.choose(place, quantity, zone) or ())

    def _offer(self, channel: int, zone: int) -> Offer:
        offer = self._offers.get((channel, zone))
        if offer is None:
            offer = self._assortment.offer(channel, zone, self._date())
            self._offers[channel, zone] = offer
        return offer

    def _date(self) -> date:
        return self._first_day + timedelta(days=self._day)

    def _is_near(self, part: list[Line], zone: int) -> bool:
        shelves, warehouses = self._stockroom.shelves, self._stockroom.warehouses
        return all(shelves[warehouses[slot]].zone == zone for line in part for slot, _ in line.taken)

    def _plan_what_follows(self, entered: Entered, buyer: Person, fate: Fate) -> None:
        """Goods leave, or stay, or come back; some buyers write a review."""
        random = self._random
        for part, steps in zip(entered.parts, fate.steps, strict=True):
            taken = [pair for _, line in part.lines for pair in line.taken]
            came_back = any(status == RETURNED for _, status in steps)
            for at, status in steps:
                if status in _MOVES:
                    actor_id = self._entries.actor(status, part.company, buyer, fate)
                    self._plan(at, _MOVE, (status, taken, actor_id, entered.order_id))
                elif status == DELIVERED and buyer.id:
                    for line_id, line in part.lines:
                        if random.random() * 1000 < self._content.rhythm.outcome.reviewed_of_lines:
                            wait = random.randint(20 * HOUR, 18 * DAY)
                            self._plan(at + wait, _REVIEW, (line_id, line.place, buyer, came_back))

    def _move(self, books: Books, at: int, about: tuple[str, list[tuple[int, int]], int | None, int]) -> None:
        status, taken, actor_id, order_id = about
        reason, on_hand, reserved = _MOVES[status]
        self._keeping.move(
            books, at, reason, taken, on_hand=on_hand, reserved=reserved, actor_id=actor_id, order_id=order_id
        )

    def _review(self, books: Books, at: int, line_id: int, place: int, buyer: Person, came_back: bool) -> None:
        random = self._random
        rating = rate(random, self._seed, self._assortment.models[place])
        if came_back:
            rating = min(rating, random.choice((1, 2, 2, 3)))
        comment = write_review(
            random,
            self._content.phrases,
            self._catalogue.article(place),
            rating=rating,
            language=buyer.language,
        )
        self.rating_sums[place] += rating
        self.rating_counts[place] += 1
        written_at = moment(at)
        books.of("reviews").append((
            books.next_id("reviews"), place + 1, buyer.id, line_id, rating, comment,
            f"{buyer.first_name} {buyer.last_name}", buyer.email, written_at, written_at,
        ))  # fmt: skip
