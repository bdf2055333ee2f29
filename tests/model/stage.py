"""The shop that the model is held against: a database of its own, and a loop of its own in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

import asyncpg
import httpx

from entrepot.inventory.prove_stock import find_drift
from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from entrepot.payments import find_faults, ledger_check_queries, ledger_expected_queries, reconcile, sandbox
from entrepot.payments.refund_send import send_due_refunds
from entrepot.settings import Settings
from tests.builders import Client, unique
from tests.conftest import database, running
from tests.model.expected import Company, Coupon, Product
from tests.payments.telling import WEBHOOKS, signed
from tests.pricing.promoting import a_coupon, about

T = TypeVar("T")

PRICES: Final = ((0, 999), (1, 7), (0, 333), (1, 4_950))
"""Of the goods: whose they are, and cents."""
PIECES: Final = 7
DAY_S: Final = 86_400.0

_ORDERS: Final = """
    select o.number, o.status, o.payment_status, o.total_minor, o.expires_at is not null as expires,
           (select jsonb_object_agg(company_id, jsonb_build_array(status, shipping_minor, total_minor))
            from order_parts where order_id = o.id) as parts,
           (select jsonb_object_agg(product_id, jsonb_build_array(
                quantity, discounted_minor, tax_minor, cancelled_quantity, return_quantity,
                (select coalesce(sum(quantity), 0) from stock_reservations where order_line_id = l.id and status = 'held'),
                (select coalesce(sum(quantity), 0) from stock_reservations where order_line_id = l.id and status = 'shipped'),
                (select coalesce(sum(quantity), 0) from credit_lines where line_id = l.id),
                (select coalesce(sum(goods_minor), 0) from credit_lines where line_id = l.id),
                (select coalesce(sum(tax_minor), 0) from credit_lines where line_id = l.id)))
            from order_lines l where order_id = o.id) as lines,
           (select coalesce(sum(total_minor), 0)::bigint from credits where order_id = o.id) as credited,
           (select coalesce(jsonb_agg(jsonb_build_array(
                case when provider = 'sandbox' then id else '' end, status, captured_minor, refunded_minor)), '[]')
            from payment_intents where order_id = o.id) as intents,
           (select coalesce(jsonb_agg(jsonb_build_array(
                id, case when provider = 'sandbox' then payment_intent_id else '' end, amount_minor, status)
                order by created_at), '[]')
            from refunds where order_id = o.id and replaced_by is null) as refunds,
           (select coalesce(jsonb_object_agg(id, status), '{}') from returns where order_id = o.id) as returns,
           (select jsonb_object_agg(kind, amount) from (
                select split_part(a.code, ':', 1) as kind, sum(e.amount_minor) as amount
                from ledger_entries e join ledger_accounts a on a.id = e.account_id where e.order_id = o.id
                group by 1) books) as books
    from orders o where o.number = any($1)
    """
_STOCK: Final = """
    select p.product_id as id, p.available, sum(l.on_hand)::int as on_hand, sum(l.reserved)::int as reserved,
           (select coalesce(sum(on_hand_change), 0)::int from stock_movements m where m.product_id = p.product_id) as moved,
           (select coalesce(sum(quantity), 0)::int from stock_reservations r
            where r.product_id = p.product_id and r.status = 'held') as held
    from product_stock p join stock_levels l on l.product_id = p.product_id
    where p.product_id = any($1::bigint[]) group by p.product_id
    """
_SPLIT: Final = """
    select coalesce((select product_id from order_lines where id = k.line_id), -p.company_id) as key,
           k.goods_minor + k.shipping_minor as goods, k.tax_minor as tax
    from credit_lines k join order_parts p on p.id = k.part_id
    where k.credit_id = (select max(id) from credits where order_id = (select id from orders where number = $1))
    """

_TWICE: Final = """
    select name, subject from (
        select name, case when name like 'payment.%' then data ->> 'intentId'
                          when name like 'refund.%' then data ->> 'refundId' else data ->> 'orderId' end as subject
        from events
        where id > $1 and name in ('order.placed', 'order.paid', 'order.expired', 'payment.succeeded', 'refund.created',
                                   'refund.succeeded', 'refund.failed')) facts
    group by name, subject having count(*) > 1
    """


class Stage:
    """One shop for all examples. Each has goods and coupons of its own."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], guest: Client) -> None:
        self._run = run
        self.guest = guest
        self.pool: asyncpg.Pool = guest.app.shop.database.pool
        self.ahead_s = 0.0
        """So far ahead the provider was last asked. What followed from that is dated so."""

    def run(self, coroutine: Coroutine[Any, Any, T], ahead_s: float = 0.0) -> T:
        """Carry something out, with the shop's clock so much ahead."""

        async def at_its_time() -> T:
            with clock.moved(timedelta(seconds=ahead_s)):
                return await coroutine

        result: T = self._run(at_its_time())
        return result

    async def open(self) -> None:
        """Those who buy and sell, for all examples."""
        self.admin = await self.guest.signed_in("admin")
        self.buyers = [await self.guest.signed_in("user") for _ in range(2)]
        zone = await self.guest.a_zone()
        self.zone: str = await self.guest.value("select slug from zones where id = $1", zone)
        fees = ((12, 499, 3_000), (9, 250, None))
        self.companies = []
        for percent, fee, free_from in fees:
            id_ = await self.guest.a_company(commission_bp=percent * 100, zones={zone: (fee, free_from)})
            self.companies.append(Company(id_, percent, fee, free_from))
        self.category = await self.guest.a_category()

    async def goods(self) -> list[Product]:
        found = []
        for company, price in PRICES:
            made = await self.guest.a_product(
                company_id=self.companies[company].id, category=self.category, price=price / 100, stock=PIECES
            )
            found.append(Product(made["id"], self.companies[company].id, price, PIECES))
        return found

    async def coupons(self, goods: list[Product]) -> list[Coupon]:
        """A rare one and a plain one, for these goods."""
        target = about(*(product.id for product in goods))
        rare = await a_coupon(self.admin, value=15, type="percentage", totalLimit=2, perUserLimit=1, target=target)
        plain = await a_coupon(self.admin, value=10, type="percentage", target=target)
        return [
            Coupon(rare["id"], rare["code"], 15, total_limit=2, per_user_limit=1),
            Coupon(plain["id"], plain["code"], 10),
        ]

    # What happens without anybody's asking.

    def expire(self) -> None:
        async def until_nothing() -> None:
            while await expire_unpaid(self.guest.app.shop.database):
                pass

        self.run(until_nothing(), 31 * 60)

    def send_refunds(self) -> None:
        self.run(send_due_refunds(self.guest.app.shop), self.ahead_s + 1)

    def bank_time_passes(self) -> None:
        self.run(sandbox.settle_due(self.guest.app.shop.database), self.ahead_s + 61)

    def ask_provider(self) -> float:
        """Each time so much later that everything is asked about; returns how much."""
        self.ahead_s += 2 * DAY_S

        async def ask() -> None:
            await sandbox.settle_due(self.guest.app.shop.database)
            await reconcile.ask_of_intents(self.guest.app.shop)
            await reconcile.ask_of_refunds(self.guest.app.shop)

        self.run(ask(), self.ahead_s)
        return self.ahead_s

    def tell(self, body: bytes) -> httpx.Response:
        async def told() -> httpx.Response:
            return await self.guest.request("POST", WEBHOOKS, content=body, headers=await signed(self.guest, body))

        return self.run(told())

    def forget(self, numbers: list[str]) -> None:
        """What an example leaves behind is not to be asked about in the next."""

        async def stop() -> None:
            mine = "order_id in (select id from orders where number = any($1))"
            await self.pool.execute(f"update payment_intents set ask_at = null where {mine}", numbers)
            await self.pool.execute(
                f"update refunds set next_attempt_at = null where status = 'pending' and {mine}", numbers
            )

        self.run(stop())

    # What stands in the books.

    def orders(self, numbers: list[str]) -> dict[str, Any]:
        return {row["number"]: row for row in self.run(self.pool.fetch(_ORDERS, numbers))}

    def stock(self, ids: list[int]) -> dict[int, Any]:
        return {row["id"]: row for row in self.run(self.pool.fetch(_STOCK, ids))}

    def split(self, number: str) -> dict[int, tuple[int, int]]:
        """How the last credit of an order was spread."""
        return {row["key"]: (row["goods"], row["tax"]) for row in self.run(self.pool.fetch(_SPLIT, number))}

    def events(self, intent_ids: list[str]) -> list[Any]:
        """What the provider would tell of these payments."""
        return self.run(
            self.pool.fetch(
                "select id, kind, object, intent_id from sandbox_events where intent_id = any($1) order by id",
                intent_ids,
            )
        )

    def newest_event(self) -> int:
        newest: int = self.run(self.pool.fetchval("select coalesce(max(id), 0) from events"))
        return newest

    def published_twice(self, since: int) -> list[str]:
        """Facts of which there can be only one, and were more, after this event."""
        return [str(row) for row in self.run(self.pool.fetch(_TWICE, since))]

    def coupon_uses(self, coupon: Coupon) -> int:
        uses: int = self.run(
            self.pool.fetchval(
                "select count(*) from promotion_uses where coupon_id = $1 and released_at is null", coupon.id
            )
        )
        return uses

    def faults(self, numbers: list[str], goods: list[int]) -> list[str]:
        """What the doctor finds wrong with these orders and goods."""

        async def look() -> list[str]:
            db = self.guest.app.shop.database.reader
            ids = [row["id"] for row in await self.pool.fetch("select id from orders where number = any($1)", numbers)]
            found = [str(drift) async for drift in find_drift(db, min(goods), max(goods))]
            if not ids:
                return found
            span = (min(ids), max(ids))
            found += [str(one) for one in await ledger_expected_queries.list_differences(db, *span)]
            found += [str(one) for one in await ledger_check_queries.list_wrong_orders(db, *span)]
            found += [str(one) for one in await ledger_check_queries.list_wrong_credits(db, *span)]
            return found

        return self.run(look())

    def all_faults(self) -> list[str]:
        """What `entrepot doctor --ledger` finds wrong."""

        async def look() -> list[str]:
            return [fault async for fault in find_faults(self.guest.app.shop.database)]

        return self.run(look())


@contextmanager
def staged(server: str, template: str, name: str, settings: Settings) -> Iterator[Stage]:
    """A shop that runs in the background."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=unique("stage"), daemon=True)
    thread.start()

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(timeout=120)

    async def enter(stack: AsyncExitStack) -> Stage:
        dsn = await stack.enter_async_context(database(server, template, name))
        app = await stack.enter_async_context(running(settings, dsn))
        transport = httpx.ASGITransport(app=app)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1", timeout=60)
        )
        made = Stage(run, Client(http, app))
        await made.open()
        return made

    stack = AsyncExitStack()
    try:
        yield run(enter(stack))
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
