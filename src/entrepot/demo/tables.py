"""The tables that are loaded, with the columns that are given; and the books in which rows gather until they are copied."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

Row = tuple[Any, ...]
Batch = list[tuple[str, list[Row]]]
"""Tables, each with the rows to copy into it."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "zones": (
        "id", "slug", "name", "centre_latitude", "centre_longitude", "boundary", "created_at", "updated_at",
    ),
    "users": (
        "id", "email", "username", "password_hash", "role", "first_name", "last_name", "phone", "gender", "age",
        "language", "zone_id", "email_verified_at", "created_at", "updated_at",
    ),
    "admin_zones": ("user_id", "zone_id"),
    "addresses": (
        "id", "user_id", "label", "first_name", "last_name", "address", "city", "state", "zip_code", "country", "phone",
        "latitude", "longitude", "zone_id", "is_default", "created_at", "updated_at",
    ),
    "companies": (
        "id", "slug", "name", "description", "is_house", "email", "phone", "tax_id", "address", "created_at", "updated_at",
    ),
    "company_members": ("company_id", "user_id", "is_owner", "joined_at"),
    "company_zones": ("company_id", "zone_id", "delivery_fee_minor", "free_delivery_from_minor"),
    "company_commissions": ("company_id", "valid_from", "rate_bp"),
    "categories": ("id", "parent_id", "slug", "name", "position", "created_at", "updated_at"),
    "category_translations": ("category_id", "language", "name"),
    "brands": ("id", "slug", "name", "created_at"),
    "product_groups": ("id", "company_id", "key", "title", "created_at"),
    "products": (
        "id", "company_id", "seller_id", "category_id", "brand_id", "group_id", "options", "sku", "title", "description",
        "price_minor", "currency", "discount_bp", "rating_sum", "rating_count", "tags", "weight_g", "width_mm",
        "height_mm", "depth_mm", "warranty_information", "shipping_information", "return_policy", "unit",
        "minimum_order_quantity", "barcode", "thumbnail", "created_at", "updated_at",
    ),
    "product_images": ("id", "product_id", "position", "location"),
    "product_translations": ("product_id", "language", "title", "description"),
    "product_zones": ("product_id", "zone_id"),
    "product_stock": ("product_id", "available"),
    "reviews": (
        "id", "product_id", "user_id", "order_line_id", "rating", "comment", "reviewer_name", "reviewer_email",
        "created_at", "updated_at",
    ),
    "warehouses": (
        "id", "company_id", "zone_id", "code", "name", "address", "latitude", "longitude", "created_at", "updated_at",
    ),
    "stock_levels": ("product_id", "warehouse_id", "on_hand", "reserved", "low_stock_threshold"),
    "stock_movements": (
        "id", "product_id", "warehouse_id", "reason", "on_hand_change", "reserved_change", "on_hand_after",
        "reserved_after", "actor_id", "order_id", "note", "occurred_at",
    ),
    "orders": (
        "id", "number", "user_id", "guest_email", "guest_token_hash", "zone_id", "language", "currency",
        "subtotal_minor", "discount_minor", "tax_minor", "shipping_minor", "total_minor", "status", "payment_status",
        "payment_method", "payment_intent_id", "shipping_address", "cancel_reason", "cancelled_at", "paid_at",
        "expires_at", "created_at", "updated_at",
    ),
    "order_parts": (
        "id", "order_id", "company_id", "status", "subtotal_minor", "discount_minor", "tax_minor", "shipping_minor",
        "total_minor", "commission_bp", "commission_minor", "carrier", "tracking_number", "shipped_at", "delivered_at",
        "updated_at",
    ),
    "order_lines": (
        "id", "order_id", "part_id", "position", "product_id", "sku", "title", "thumbnail", "unit", "quantity",
        "price_minor", "discount_bp", "total_minor", "discounted_minor", "tax_bp", "tax_minor", "cancelled_quantity",
        "return_quantity",
    ),
    "order_history": (
        "id", "order_id", "part_id", "from_status", "to_status", "actor_id", "party", "note", "carrier",
        "tracking_number", "occurred_at",
    ),
    "returns": (
        "id", "order_id", "part_id", "company_id", "zone_id", "status", "reason", "created_at", "updated_at",
    ),
    "return_lines": ("return_id", "line_id", "quantity", "received", "restocked"),
    "return_history": ("id", "return_id", "from_status", "to_status", "party", "actor_id", "occurred_at"),
    "stock_reservations": ("order_line_id", "warehouse_id", "product_id", "order_id", "quantity", "status"),
    "promotions": (
        "id", "company_id", "name", "description", "effect", "currency", "scope", "roles", "first_order_only",
        "minimum_spend_minor", "minimum_quantity", "per_user_limit", "total_limit", "priority", "is_exclusive",
        "needs_code", "starts_at", "ends_at", "created_at", "updated_at",
    ),
    "promotion_targets": ("promotion_id", "part", "scope", "target_id"),
    "coupons": ("id", "promotion_id", "code", "created_at", "updated_at"),
    "price_lists": ("id", "company_id", "name", "currency", "for_role", "created_at", "updated_at"),
    "price_list_tiers": ("price_list_id", "product_id", "from_quantity", "price_minor"),
    "shipping_rates": (
        "id", "method", "company_id", "from_weight_g", "to_weight_g", "fee_minor", "per_kg_minor", "created_at",
    ),
    "currency_rates": ("base", "currency", "valid_from", "rate", "created_at"),
    "payment_intents": (
        "id", "user_id", "order_id", "provider", "amount_minor", "currency", "status", "client_secret_hash",
        "payment_method", "failure_code", "metadata", "created_at", "updated_at", "succeeded_at",
    ),
}  # fmt: skip


class Books:
    """Rows by table, in the order of their ids. Every `id` is counted from 1 here."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self._counts: dict[str, int] = dict.fromkeys(COLUMNS, 0)

    def next_id(self, table: str) -> int:
        """The id of the next row; the row must follow."""
        self._counts[table] += 1
        return self._counts[table]

    def of(self, table: str) -> list[Row]:
        """The rows that wait to be copied; append here."""
        return self._rows[table]

    def fullest(self) -> int:
        return max(len(rows) for rows in self._rows.values())

    def last_id(self, table: str) -> int:
        return self._counts[table]

    def take(self) -> Batch:
        """The tables that have rows, with the rows; they are gone from the books afterwards."""
        batch = [(table, rows) for table, rows in self._rows.items() if rows]
        for table, _ in batch:
            self._rows[table] = []
        return batch


_POSTGRES_EPOCH_S: Final = 946_684_800


def moment(seconds: int) -> int:
    """Seconds since 1970 as PostgreSQL counts time: microseconds since 2000. Rows are written with such numbers."""
    return (seconds - _POSTGRES_EPOCH_S) * 1_000_000


def moment_of(time: datetime) -> int:
    """A time as PostgreSQL counts it, whole seconds."""
    return moment(int(time.timestamp()))


def jsonb(text: str) -> bytes:
    """JSON as PostgreSQL takes it in binary: a version byte, then the text."""
    return b"\x01" + text.encode()


timestamptz: Final = struct.Struct("!q").pack
"""A moment as PostgreSQL takes it in binary."""
