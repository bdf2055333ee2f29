"""The composition root: the only file that knows every module."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, cast

from litestar import Litestar, Response, Router
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

import entrepot.carts.api
import entrepot.catalog.api
import entrepot.companies.api
import entrepot.identity.api
import entrepot.inventory.api
import entrepot.operations.api
import entrepot.orders.api
import entrepot.payments.api
import entrepot.pricing.api
import entrepot.search.api
import entrepot.zones.api
from entrepot import carts, catalog, companies, identity, inventory, orders, payments, pricing, search, zones
from entrepot.identity import Authenticator
from entrepot.kernel import idempotency, pages, rate_limits, routes, uploads
from entrepot.kernel.actors import anyone
from entrepot.kernel.bodies import check_request
from entrepot.kernel.buckets import Bucket, BucketStore
from entrepot.kernel.cors import Cors
from entrepot.kernel.db import Database, Reactions, Tx, connect
from entrepot.kernel.edge import App, Edge
from entrepot.kernel.error_replies import answer
from entrepot.kernel.errors import Refused
from entrepot.kernel.events import Recorded, Tail
from entrepot.kernel.files import Files, FolderStore
from entrepot.kernel.jobs import Job, Worker
from entrepot.kernel.keys import SigningKeys, load_keys
from entrepot.kernel.mail import FolderMailer, Mailer, NoMailer, Outbox, SmtpMailer, SmtpServer
from entrepot.kernel.metrics import Metrics
from entrepot.kernel.openapi import PREFIX, describe, encoded, operations_of
from entrepot.kernel.openid import OpenIdProvider
from entrepot.kernel.rate_limits import RateLimiter
from entrepot.kernel.reply_cache import ReplyCache
from entrepot.kernel.routes import Operation
from entrepot.kernel.sent import sent
from entrepot.kernel.sms import FolderTexter, NoTexter, Texter, TwilioTexter
from entrepot.settings import Settings
from entrepot.shop import Shop

log = logging.getLogger("entrepot")

SERVICES: Final[Mapping[str, tuple[ControllerRouterHandler, ...]]] = {
    "identity": (
        identity.api.AuthController,
        identity.api.RecoveryController,
        identity.api.OpenIdController,
        identity.api.AdminController,
        identity.api.UsersController,
        identity.api.OwnAccountController,
        identity.api.OwnAddressesController,
        identity.api.AddressesController,
    ),
    "zones": (zones.api.ZoneController,),
    "companies": (companies.api.CompanyController, companies.api.VendorController),
    "inventory": (
        inventory.api.NeededItemController,
        inventory.api.NotifyController,
        inventory.api.ProductStockController,
        inventory.api.StockController,
        inventory.api.StockCountController,
        inventory.api.StockListController,
        inventory.api.StockReportController,
        inventory.api.TransferController,
        inventory.api.VendorStockController,
        inventory.api.WarehouseController,
    ),
    "catalog": (
        catalog.api.ProductController,
        catalog.api.ProductListController,
        catalog.api.CompanyProductsController,
        catalog.api.OwnProductsController,
        catalog.api.ProductWritingController,
        catalog.api.VendorProductController,
        catalog.api.PriceHistoryController,
        catalog.api.FavouritesController,
        catalog.api.WishlistController,
        catalog.api.ProductImagesController,
        catalog.api.UploadController,
        catalog.api.BulkController,
        catalog.api.ImportsController,
        catalog.api.ExportController,
        catalog.api.CategoryController,
        catalog.api.BrandController,
        catalog.api.ProductReviewController,
        catalog.api.ReviewController,
        catalog.api.RelatedController,
    ),
    "search": (search.api.SearchController, search.api.SynonymsController),
    "pricing": (
        pricing.api.CouponController,
        pricing.api.CouponCheckoutController,
        pricing.api.CurrencyController,
        pricing.api.OwnPricesController,
        pricing.api.PriceListController,
        pricing.api.PromotionController,
        pricing.api.ShippingController,
        pricing.api.TaxController,
    ),
    "carts": (carts.api.CartController, carts.api.CartsController, carts.api.QuoteController),
    "payments": (
        payments.api.LedgerController,
        payments.api.PaymentController,
        payments.api.PaymentListController,
        payments.api.RefundController,
        payments.api.WebhookController,
    ),
    "orders": (
        orders.api.InvoiceController,
        orders.api.OrderController,
        orders.api.OrderLifeController,
        orders.api.OrderListsController,
        orders.api.OrderReturnController,
        orders.api.ReturnController,
        orders.api.VendorOrderController,
    ),
    "events": (entrepot.operations.api.EventController,),
}
"""Groups of modules that can be served apart, below /api/v1."""

ALWAYS: Final[tuple[ControllerRouterHandler, ...]] = (
    entrepot.operations.api.HealthController,
    entrepot.operations.api.MetricsController,
    entrepot.operations.api.KeysController,
    entrepot.operations.api.MediaController,
    entrepot.operations.api.DocsController,
    entrepot.operations.api.RootController,
)

CONSTRAINTS: Final[Mapping[str, type[Refused]]] = {
    **zones.CONSTRAINTS,
    **identity.CONSTRAINTS,
    **companies.CONSTRAINTS,
    **catalog.CONSTRAINTS,
    **search.CONSTRAINTS,
    **inventory.CONSTRAINTS,
    **pricing.CONSTRAINTS,
    **payments.CONSTRAINTS,
    **orders.CONSTRAINTS,
}
"""What it means when the database refuses."""


async def _erase_person(tx: Tx, erased: identity.UserErased) -> None:
    """Whoever keeps something about people besides identity erases it here: orders first, which all lock before the rest."""
    await orders.erase_person(tx, erased)
    await payments.erase_person(tx, erased)
    await companies.erase_person(tx, erased)
    await inventory.erase_person(tx, erased)
    await carts.erase_person(tx, erased)
    await pricing.forget_buyer(tx, erased)
    await catalog.erase_person(tx, erased)


async def _address_verified(tx: Tx, verified: identity.UserEmailVerified) -> None:
    """What waited for an address becomes its user's."""
    await companies.accept_invitation(tx, verified)
    await orders.claim_guest_orders(tx, verified)
    await inventory.claim_guest_waits(tx, verified)


REACTIONS: Final[Reactions] = {
    companies.CompanyCreated.name: inventory.open_first_warehouse,
    identity.UserEmailVerified.name: _address_verified,
    identity.UserErased.name: _erase_person,
    identity.UserRegistered.name: companies.settle_new_seller,
    identity.UserRoleChanged.name: companies.leave_with_role,
    identity.UserStatusChanged.name: companies.approve_with_owner,
    identity.UserSignedIn.name: carts.merge_guest_cart,
    payments.PaymentSucceeded.name: orders.payment_succeeded,
    payments.PaymentFailed.name: orders.payment_failed,
    payments.OrderCredited.name: orders.order_credited,
    payments.RefundCreated.name: orders.refund_created,
}

CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    **zones.CACHE_TAGS,
    **companies.CACHE_TAGS,
    **catalog.CACHE_TAGS,
    **search.CACHE_TAGS,
    **inventory.CACHE_TAGS,
    **pricing.CACHE_TAGS,
}
"""Which cached replies an event changes."""


async def _clean_up(shop: Shop, _: dict[str, Any]) -> None:
    async with shop.database.transaction() as tx:
        await idempotency.forget_old(tx)
        await rate_limits.forget_old(tx)


JOBS: Final[list[Job[Shop]]] = [
    *identity.JOBS,
    *companies.JOBS,
    *inventory.JOBS,
    *catalog.UPLOAD_JOBS,
    *catalog.IMPORT_JOBS,
    *search.JOBS,
    *carts.JOBS,
    *orders.JOBS,
    *payments.JOBS,
    Job(name="kernel.clean_up", run=_clean_up, cron="17 * * * *"),
]


async def open_database(settings: Settings, dsn: str) -> Database:
    return await connect(dsn, pool_size=settings.database_pool_size, reactions=reactions(settings))


def reactions(settings: Settings) -> Reactions:
    """What must become true in the same transaction as a fact, some of it as settings say."""
    answer_waiters = functools.partial(inventory.answer_waiters, settings.notify_hold)
    return {**REACTIONS, inventory.AwaitedStockCameBack.name: answer_waiters}


def open_shop(settings: Settings, database: Database) -> Shop:
    """The parts that handlers, verbs and jobs share."""
    return Shop(
        settings,
        database,
        files_of(settings),
        keys_of(settings),
        Metrics(database.meter),
        mailer=_mailer_of(settings),
        texter=_texter_of(settings),
        openid={
            name: OpenIdProvider(provider.issuer, provider.client_id, provider.client_secret.get_secret_value())
            for name, provider in settings.oidc_providers.items()
        },
    )


def files_of(settings: Settings) -> Files:
    """Where files are kept, and the addresses of those that are public."""
    address = settings.cdn_url or f"{settings.address}/media"
    if settings.aws_s3_bucket is None:
        return Files(FolderStore(settings.media_folder), address)
    secret = settings.aws_secret_access_key
    bucket = Bucket(
        name=settings.aws_s3_bucket,
        region=settings.aws_region,
        endpoint=settings.aws_endpoint_url,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=secret.get_secret_value() if secret is not None else None,
    )
    return Files(BucketStore(bucket), address)


def keys_of(settings: Settings) -> SigningKeys:
    """Raises SigningKeyError."""
    configured, previous = settings.jwt_private_key, settings.jwt_previous_keys
    return load_keys(
        configured.get_secret_value() if configured is not None else None,
        settings.home,
        previous=previous.get_secret_value() if previous is not None else None,
        lifetime=settings.jwt_expires_in,
    )


def _mailer_of(settings: Settings) -> Mailer:
    if settings.smtp_host is not None:
        password = settings.smtp_pass.get_secret_value() if settings.smtp_pass is not None else None
        server = SmtpServer(settings.smtp_host, settings.smtp_port, settings.smtp_user, password, settings.smtp_tls)
        return SmtpMailer(server, settings.sender)
    return NoMailer() if settings.is_production else FolderMailer(Outbox(settings.mails_folder), settings.sender)


def _texter_of(settings: Settings) -> Texter:
    account_sid, auth_token, sender = settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_from
    if account_sid is not None and auth_token is not None and sender is not None:
        return TwilioTexter(account_sid, auth_token.get_secret_value(), sender, settings.twilio_api_url)
    return NoTexter() if settings.is_production else FolderTexter(Outbox(settings.mails_folder))


def worker_of(shop: Shop) -> Worker[Shop]:
    return Worker(shop.database, JOBS, shop)


class Application:
    """The shop as an ASGI application: the edge around Litestar around the modules."""

    def __init__(self, settings: Settings, shop: Shop, *, services: tuple[str, ...] = (), worker: bool = False) -> None:
        self.shop = shop
        self.cache = ReplyCache(settings.cache_max_bytes)
        self.tail = Tail(shop.database)
        self.tail.listen(self._invalidate, on_gap=self.cache.clear)
        self.columns = catalog.Following(shop.database, self.tail)
        self.tail.listen(self.columns.hear, on_gap=self.columns.gap)
        self.index = search.SearchIndex(shop.database, settings.home / "search")
        self.tail.listen(self.index.hear, on_gap=self.index.gap)
        self.shelf = pricing.Shelf(shop.database, self._forget_prices)
        self.tail.listen(self.shelf.hear, on_gap=self.shelf.gap)
        self._serves_search = not services or "search" in services
        self._serves_lists = not services or "catalog" in services or "search" in services
        self.worker = worker_of(shop) if worker else None
        self.limiter = self._limiter(settings)
        self.litestar = self._build(settings, services)
        _allow_uploads(self.litestar, settings)
        shop.description = functools.cache(lambda: encoded(describe(self.litestar)))
        self._asgi = Edge(
            cast("App", self.litestar),
            cache=self.cache,
            cached_route=_cached_routes(self.litestar),
            priced_routes=_priced_routes(self.litestar),
            own_page=pricing.OwnPages(shop, self.litestar.state.authenticate),
            limiter=self.limiter,
            cors=Cors(settings.cors_origins),
            metrics=shop.metrics,
            timeout_s=settings.request_timeout_s,
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._asgi(scope, receive, send)

    def _build(self, settings: Settings, services: tuple[str, ...]) -> Litestar:
        controllers = [
            controller for name, group in SERVICES.items() if not services or name in services for controller in group
        ]
        return Litestar(
            [Router(PREFIX, route_handlers=controllers), *ALWAYS, _openapi_json],
            dependencies={
                "db": Provide(routes.provide_db, sync_to_thread=False),
                "tx": Provide(routes.provide_tx, sync_to_thread=False),
                "actor": Provide(routes.provide_actor, sync_to_thread=False),
                "shop": Provide(routes.provide_shop, sync_to_thread=False),
                "page": Provide(pages.page, sync_to_thread=False),
                "upload": Provide(uploads.upload),
                "sent": Provide(sent),
                "columns": Provide(routes.provide_columns),
                "index": Provide(routes.provide_index, sync_to_thread=False),
            },
            before_request=check_request,
            exception_handlers={Exception: answer},
            request_max_body_size=settings.max_body_bytes,
            lifespan=[self._living],
            state=State(
                {
                    "database": self.shop.database,
                    "shop": self.shop,
                    "authenticate": Authenticator(self.shop.database, self.shop.keys),
                    "constraints": CONSTRAINTS,
                    "columns": self.columns,
                    "index": self.index,
                    "limiter": self.limiter,
                }
            ),
            openapi_config=None,  # the kernel describes the API; Litestar would serve pages of its own
            logging_config=None,
            on_app_init=[_quiet],
        )

    def _limiter(self, settings: Settings) -> RateLimiter | None:
        if not settings.rate_limit_enabled:
            return None
        rules = rate_limits.rules(
            general_limit=settings.general_rate_limit,
            general_window_s=max(1, settings.rate_limit_window_ms // 1000),
            generous=not settings.is_production,
        )
        return RateLimiter(rules, self.shop.database)

    def _invalidate(self, event: Recorded) -> None:
        if (tags_of := CACHE_TAGS.get(event.name)) is not None:
            self.cache.invalidate(tags_of(event.data))

    def _forget_prices(self) -> None:
        """Promotions have changed what products cost."""
        self.columns.documents.clear()
        self.cache.invalidate([catalog.CATALOG_TAG, catalog.PRICES_TAG])

    @asynccontextmanager
    async def _living(self, _: Litestar) -> AsyncIterator[None]:
        """While the process serves: follow the events, and work if it is told to."""
        self.shop.database.on_events = self.tail.nudge  # of the application that serves, not of any that was made
        self.shop.promoted = self.shelf.promoted
        tasks = [asyncio.create_task(self.tail.run(), name="tail")]
        if self._serves_lists:
            tasks.append(asyncio.create_task(self.columns.run(), name="product lists"))
            tasks.append(asyncio.create_task(self.shelf.run(), name="promotional prices"))
        if self._serves_search:
            tasks.append(asyncio.create_task(self.index.run(), name="search index"))
        if self.worker is not None:
            tasks.append(asyncio.create_task(self.worker.run(), name="worker"))
        for task in tasks:
            task.add_done_callback(_tell_if_failed)
        try:
            yield
        finally:
            if self.worker is not None:
                self.worker.stop()
                await asyncio.wait([task for task in tasks if task.get_name() == "worker"], timeout=10)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.shop.database.close()


def _tell_if_failed(task: asyncio.Task[None]) -> None:
    """A task that should run as long as the process does has ended with an error: say so, loudly."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("the %s of this process has stopped: restart it", task.get_name(), exc_info=error)


def _quiet(config: AppConfig) -> AppConfig:
    config.debug = False
    return config


def _allow_uploads(litestar: Litestar, settings: Settings) -> None:
    """A route that takes a file takes a larger body; how large is a setting, which no declaration of a route can know."""
    for _, _, handler in operations_of(litestar):
        if "multipart" in handler.opt:
            max_bytes = settings.import_max_size if handler.opt["large"] else settings.upload_max_size
            handler.request_max_body_size = max_bytes + uploads.FORM_BYTES


@routes.get("/openapi.json", guard=anyone)
async def _openapi_json(shop: Shop) -> Response[bytes]:
    """This description."""
    return Response(shop.description(), media_type="application/json", headers={"Cache-Control": "no-cache"})


def _cached_routes(litestar: Litestar) -> Callable[[str], str | None]:
    """Tells of a path the template of the cached route that it belongs to, if it does."""
    exact: dict[str, str] = {}
    patterns: list[tuple[re.Pattern[str], str]] = []
    for route in litestar.routes:
        for handler in getattr(route, "route_handlers", ()):
            operation = handler.opt.get("operation")
            if isinstance(operation, Operation) and operation.cached is not None:
                template = route.path_format
                if "{" in template:
                    patterns.append((re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template)), template))
                else:
                    exact[template] = template

    def find(path: str) -> str | None:
        path = path.rstrip("/")
        if (template := exact.get(path)) is not None:
            return template
        return next((template for pattern, template in patterns if pattern.fullmatch(path)), None)

    return find


def _priced_routes(litestar: Litestar) -> frozenset[str]:
    """The templates of the cached routes that show what products cost."""
    return frozenset(
        path
        for _, path, handler in operations_of(litestar)
        if (cached := handler.opt["operation"].cached) is not None and cached.priced
    )


_API_DESCRIPTION: Final = """
A shop, a marketplace and a wholesale distributor in one API.

Sign in with `POST /api/v1/auth/login` and send the `token` as `Authorization: Bearer ...`. Errors come as
`{message, status, code, details?, requestId}`. Amounts are in major units, except in payment intents. The same routes
answer below `/api` without the version.
"""
