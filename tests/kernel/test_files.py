"""Files by key: whole or not at all, and never outside the folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from entrepot.kernel.files import FileMissing, Files, FolderStore


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "secret.txt").write_text("secret")
    return Files(FolderStore(tmp_path / "media"), "https://cdn.example/media/")


async def test_what_is_put_can_be_got_until_it_is_deleted(files: Files) -> None:
    key = "public/products/12/Front_1.webp"
    await files.put(key, b"one")
    await files.put(key, b"two")
    assert await files.get(key) == b"two"

    for _ in range(2):
        await files.delete(key)
    with pytest.raises(FileMissing):
        await files.get(key)


@pytest.mark.parametrize(
    "key",
    [
        "", "public", "/etc/passwd", "public/../../secret.txt", "public/..", "public/.hidden", "public//a", "public/a/",
        "../secret.txt",
        "public/a b", "public/a\n", "public/a\0b", "public/\u00e4", "Public/a", "public/a/b/c/d/e/f/g",
        "public/" + "a" * 300, "-a/b",
        "public\\a", "c:/a",
    ],
)  # fmt: skip
async def test_what_is_no_key_is_no_file(files: Files, key: str) -> None:
    for use in (files.get(key), files.put(key, b"x"), files.delete(key)):
        with pytest.raises(FileMissing):
            await use


async def test_a_folder_is_no_file(files: Files) -> None:
    await files.put("public/a/b", b"x")

    for key in ("public/a", "public/a/b/c"):
        with pytest.raises(FileMissing):
            await files.get(key)


async def test_a_reader_sees_the_old_or_the_new_one_never_a_part(files: Files) -> None:
    old, new = b"a" * 300_000, b"b" * 200_000
    await files.put("public/a", old)

    async def write() -> None:
        for turn in range(10):
            await files.put("public/a", new if turn % 2 else old)

    writing = [asyncio.create_task(write()) for _ in range(2)]
    while not all(task.done() for task in writing):
        assert await files.get("public/a") in (old, new)


async def test_a_write_that_fails_leaves_the_old_file_and_no_draft(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await files.put("public/a", b"old")

    def fail(_: int) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("entrepot.kernel.files.os.fsync", fail)
        with pytest.raises(OSError, match="disk full"):
            await files.put("public/a", b"new")

    assert await files.get("public/a") == b"old"
    assert [path.name for path in (tmp_path / "media" / "public").iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("public/a/b.png", "https://cdn.example/media/a/b.png"),
        ("https://example.com/a.jpg", "https://example.com/a.jpg"),
        ("private/invoices/a.pdf", "private/invoices/a.pdf"),
        ("", ""),
    ],
)
def test_only_public_files_have_an_address(files: Files, location: str, address: str) -> None:
    assert files.url(location) == address
