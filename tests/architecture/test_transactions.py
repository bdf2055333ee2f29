"""Whoever is given a transaction leaves it to its opener; openers outside the kernel are few, and each has a reason."""

from __future__ import annotations

import ast
import re
from typing import Final

from tests.architecture.source import File, files, functions, method_calls, parameters, refuse

OPENERS: Final = {
    "app.py": "a job of its own: forgetting old keys and limits",
    "catalog/import_run.py": "a job: each batch with its progress in a transaction of its own",
    "catalog/start_import.py": "the file is stored between two",
    "catalog/images.py": "a picture is made anew and its files written between two",
    "catalog/uploads.py": "as above; and what could not be stored is given up although the request is refused",
    "catalog/uploads_clean_up.py": "a job: each batch in a transaction of its own, files deleted in between",
    "doctor.py": "each product is set right in a transaction of its own",
    "identity/api.py": "bcrypt takes a quarter of a second, and must not hold a transaction meanwhile",
    "identity/admins_api.py": "bcrypt as above",
    "identity/change_password.py": "bcrypt as above",
    "identity/avatar.py": "a picture is read and its file written before, the old file deleted afterwards",
    "identity/deletion.py": "bcrypt as above",
    "identity/erase.py": "a job: each person in a transaction of its own",
    "identity/create_admin.py": "called from the command line, and bcrypt as above",
    "identity/sign_in.py": "bcrypt as above; and a failure is counted although the request is refused",
    "identity/one_time_codes.py": "a code is sent between two; and a wrong one is counted although the request is refused",
    "identity/openid_sign_in.py": "the provider is asked between two",
    "identity/reset_password.py": "bcrypt as above; and the mail is sent between two",
    "identity/verify_email.py": "a job: the mail is sent after it",
    "inventory/fold_history.py": "reads the newest ids before its transaction has one",
    "inventory/offer.py": "a job: each product in a transaction of its own",
    "inventory/tell_waiters.py": "a job: who is told is claimed, and the mail is sent after it",
    "orders/expire.py": "a job: each order in a transaction of its own",
    "orders/credit_note.py": "numbers are given by a job, or where somebody looks; printing takes long, and stands between two",
    "orders/invoice.py": "printing takes long, and stands between two short transactions",
    "orders/invoice_file.py": "the file is stored before",
    "orders/return_expire.py": "a job: each return in a transaction of its own",
    "payments/confirm.py": "the provider is asked between two short transactions",
    "payments/create_intent.py": "the provider is asked before",
    "payments/ledger_check.py": "reads everything as it stands at one moment",
    "payments/ledger_closing.py": "reads the newest id before its transaction has one",
    "payments/reconcile.py": "a job: the provider is asked between two",
    "payments/refund_send.py": "takes a refund, asks its provider outside of any transaction, and writes the answer",
    "payments/sandbox.py": "somebody else's system, with transactions of its own",
    "payments/sandbox_webhooks.py": "a job: HTTP goes out between two",
    "payments/webhooks.py": "the signature is checked before, and what was told is committed before it is applied",
    "payments/webhooks_apply.py": "a job: each receipt in a transaction of its own, and the provider may be asked before",
    "verify/stall.py": "makes an administrator, a company and people before there is anybody who could ask for them",
    "search/asked.py": "written in the background, for many requests together",
}
"""Files that open transactions besides the kernel, which opens one for every request that takes `tx`."""

MAY_OPEN: Final = ("jobs.py", "cli.py", "demo/")
"""Where it needs no reason: there is no request whose transaction it could be."""

CONTROL: Final = re.compile(r"\s*(begin|start transaction|commit|rollback|savepoint|end)\b[^a-z]*$", re.IGNORECASE)


def test_transactions_are_opened_by_the_kernel() -> None:
    refuse(
        (
            (file, call, "opens a transaction")
            for file in files()
            if file.owner != "kernel" and not _may_open(file)
            for _, call in method_calls(file.tree, ["one_statement", "transaction"])
        ),
        "Take `tx: Tx` as a parameter: the kernel opens it, and commits when the handler returns. If a transaction of one's "
        "own is needed, put the file on the list OPENERS with the reason:",
        OPENERS,
    )


def test_who_takes_a_transaction_opens_none() -> None:
    refuse(
        (
            (file, call, f"{function.name} takes tx and opens another transaction")
            for file in files()
            for function in functions(file.tree)
            if any(
                parameter.annotation and ast.unparse(parameter.annotation) == "Tx" for parameter in parameters(function)
            )
            for _, call in method_calls(function, ["one_statement", "transaction"])
        ),
        "A verb works in the transaction it is given, so that all of a request happens or none of it:",
    )


def test_nobody_commits() -> None:
    refuse(
        (
            (file, call, f"calls {ast.unparse(call.func)}")
            for file in files()
            if file.owner != "kernel"
            for _, call in method_calls(file.tree, ["commit", "rollback", "start"])
            if "transaction" in ast.unparse(call.func) or ast.unparse(call.func).startswith("tx.")
        ),
        "Only the block that opened a transaction ends it:",
    )
    refuse(
        (
            (file, node, f"says {node.value.strip()!r}")
            for file in files()
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CONTROL.match(node.value)
            if file.holds_sql or file.owner != "kernel"
        ),
        "Transactions are not controlled by SQL: use `async with database.transaction() as tx`:",
    )


def _may_open(file: File) -> bool:
    return file.path.endswith(MAY_OPEN[:2]) or file.path.startswith(MAY_OPEN[2])
