"""Logs: one line an event, as JSON for machines or coloured for people; bodies, headers and query strings never."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

_FIELDS: Final = ("request_id", "status", "duration_ms", "user_id", "client_version", "device_id")
_COLOURS: Final = {"DEBUG": "\033[90m", "INFO": "\033[36m", "WARNING": "\033[33m", "ERROR": "\033[31m"}
_DIM: Final = "\033[90m"
_RESET: Final = "\033[0m"


def configure(level: str, *, pretty: bool) -> None:
    """Send all logs to standard error. Libraries speak up from warnings on; the shop from `level` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PrettyFormatter() if pretty else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("entrepot").setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "pgqueuer"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _printable(record.getMessage()),
        }
        line.update({name: value for name in _FIELDS if (value := getattr(record, name, None)) is not None})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


class PrettyFormatter(logging.Formatter):
    """For a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        message = _printable(record.getMessage())
        colour = _COLOURS.get(record.levelname, "")
        facts = " ".join(f"{name}={value}" for name in _FIELDS if (value := getattr(record, name, None)) is not None)
        line = f"{_DIM}{time}{_RESET} {colour}{record.levelname.lower():7}{_RESET} {message} {_DIM}{facts}{_RESET}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _printable(text: str) -> str:
    """The text on one line: addresses are the client's own words, and must not forge lines or steer a terminal."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
