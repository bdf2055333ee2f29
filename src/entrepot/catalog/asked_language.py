"""How a request of the catalog says which language its texts are to be in."""

from __future__ import annotations

from typing import Annotated

from litestar.params import HeaderParameter, QueryParameter

Lang = Annotated[
    str | None, QueryParameter(name="lang", description="Language of titles and descriptions, such as `ar`.")
]
AcceptLanguage = Annotated[str, HeaderParameter(name="accept-language", description="Used where `lang` is not given.")]
