"""Typesetting: a typst template and its data become a PDF, the same bytes on every machine.

Only the fonts in `fonts/` are used; those of the system and of typst itself are not. A font file that is put there is
used for the letters that the others lack, without any other change.

Data reaches the template as JSON, so nothing in it is ever typst code, and each text in it is first reduced to what the
fonts can draw (`printable`). `prelude.typ` stands before every template and gives it `data`, the fonts, and the words
to set text that users wrote in whatever script.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import typst

from entrepot.kernel.typesetting.glyphs import FONTS, printable

__all__ = ["printable", "typeset"]

_PRELUDE: Final = Path(__file__).with_name("prelude.typ").read_bytes()


def typeset(template: str | bytes, data: Mapping[str, object], *, timestamp: datetime) -> bytes:
    """Set `template` with `data` as a PDF; equal arguments give equal bytes.

    `template` is typst source and is trusted: it must be ours, never built from what a user wrote. It finds `data`
    under the name `data`, as JSON: mappings, sequences, texts, numbers, booleans and None. `timestamp` (with a time
    zone) is the creation date that the PDF carries. A template can read no file, apart from the fonts.

    Takes tens of milliseconds of processor time without holding the interpreter lock; call it in a thread from async
    code. Raises `typst.TypstError` for a faulty template.
    """
    source = template.encode() if isinstance(template, str) else template
    return typst.compile(  # type: ignore[type-var]  # the stub wants source and root to be of one type
        _PRELUDE + source,
        root=FONTS,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": msgspec.json.encode(_cleaned(data)).decode()},
        timestamp=timestamp,
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def _cleaned(value: object) -> object:
    match value:
        case str():
            return printable(value)
        case Mapping():
            return {key: _cleaned(item) for key, item in value.items()}
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case _:
            return value
