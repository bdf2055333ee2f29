"""Spreadsheets (XLSX): the first sheet becomes a CSV file, in a process of its own.

A small file can ask for any amount of memory: a sheet with a single cell in its last corner is 16 billion cells to the library
that reads it, which then ends its process. So the process that reads is not the one that serves, and has a limit.

    python -m entrepot.kernel.spreadsheets SHEET.xlsx TABLE.csv
"""

from __future__ import annotations

import asyncio
import csv
import resource
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

MAX_MEMORY_BYTES: Final = 2_000_000_000
MAX_UNPACKED_BYTES: Final = 1_000_000_000
MAX_CPU_S: Final = 300
TIMEOUT_S: Final = 600


class UnreadableSpreadsheet(Exception):
    """The message says what is wrong with it, for whoever sent it."""


async def table_of(sheet: Path, table: Path) -> None:
    """Write the rows of the first sheet as CSV, each behind its number in the sheet. Raises UnreadableSpreadsheet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(sheet), str(table), stderr=asyncio.subprocess.PIPE
    )
    try:
        _, complaint = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    except TimeoutError:
        raise UnreadableSpreadsheet(_TOO_MUCH) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == _REFUSED:
        raise UnreadableSpreadsheet(complaint.decode().strip())
    if process.returncode != 0:
        raise UnreadableSpreadsheet(_TOO_MUCH)


_REFUSED: Final = 3
_TOO_MUCH: Final = "The spreadsheet needs too much memory or time to be read: send it as CSV"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except UnreadableSpreadsheet as error:
        sys.stderr.write(str(error))
        sys.exit(_REFUSED)


def convert(sheet: Path, table: Path) -> None:
    """Raises UnreadableSpreadsheet."""
    try:
        with zipfile.ZipFile(sheet) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableSpreadsheet(
                f"The spreadsheet is larger than {MAX_UNPACKED_BYTES // 1_000_000:,} MB when it is unpacked: send it as CSV"
            )
        with CalamineWorkbook.from_path(sheet) as workbook, table.open("w", encoding="utf-8", newline="") as file:
            write = csv.writer(file).writerow
            for number, cells in enumerate(workbook.get_sheet_by_index(0).iter_rows(), 1):
                write([number, *map(text_of, cells)])
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnreadableSpreadsheet(f"The spreadsheet cannot be read: {error}") from None


def text_of(cell: Any) -> str:
    """A cell as it would stand in a CSV file: numbers without an exponent, and without a point where they are whole."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, str):
        return cell
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)


if __name__ == "__main__":
    main()
