"""The SQL of what orders forget."""

from __future__ import annotations

from entrepot.kernel.db import Tx


async def empty_texts(tx: Tx, user_id: int) -> None:
    """Empty what a buyer wrote about its orders, also as a guest before they were its own.

    Of a line of the history that names pieces, what it names stays: the reason stands behind a colon.
    """
    await tx.run(
        """
        with own as (
            select id from orders where user_id = $1
        ), cancelled as (
            update orders o set cancel_reason = null
            where user_id = $1 and cancel_reason is not null and exists (
                select from order_history h where h.order_id = o.id and h.party = 'buyer' and h.to_status = 'cancelled')
        ), history as (
            update order_history set note = case when from_status = to_status then split_part(note, ': ', 1) else '' end
            where party = 'buyer' and note <> '' and order_id in (select id from own)
        ), notes as (
            update order_notes set note = '' where party = 'buyer' and order_id in (select id from own)
        ), asked_back as (
            update returns set note = '' where note <> '' and order_id in (select id from own)
        ), steps as (
            update return_history set note = '' where party = 'buyer' and note <> '' and return_id in (
                select id from returns where order_id in (select id from own))
        )
        update seller_reviews set comment = '' where user_id = $1 and comment <> ''
        """,
        user_id,
    )
