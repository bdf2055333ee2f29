"""An OpenID provider on this machine, as strict about PKCE as real ones, whose tokens can be forged.

It is a provider from PyPI, behind something that checks the code verifier and signs tokens anew, with a key that tests have.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import msgspec
import werkzeug.serving
from joserfc import jwt
from joserfc.jwk import RSAKey

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

Claims = dict[str, Any]
Sign = Callable[[Claims], str | None]


class Provider:
    """The provider's address, and what it did."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.challenges: dict[str, str] = {}
        self.asked: list[str] = []
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.sign: Sign = self.signed
        """Makes the ID token; None makes none."""
        self.broken: str | None = None
        """The beginning of a path that is answered with a 500."""

    def signed(self, claims: Claims) -> str:
        """As it should be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def knows(self, subject: str, **claims: Any) -> None:
        """Somebody who may sign in there."""
        httpx.put(f"{self.url}/users/{quote(subject)}", json=claims).raise_for_status()

    def sign_in(self, url: str, subject: str) -> dict[str, str]:
        """What a person does on the provider's page; gives the parameters that the browser comes back with."""
        reply = httpx.post(url, data={"sub": subject})
        assert reply.status_code == 302, reply.text
        return _parameters(reply.headers["location"])

    def deny(self, url: str) -> dict[str, str]:
        """The person changes its mind."""
        return _parameters(httpx.post(url, data={"action": "deny"}).headers["location"])


def _parameters(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class _Strict:
    """Around the provider: holds the client to the code challenge that it began with."""

    def __init__(self, app: Any, provider: Provider) -> None:
        self._app = app
        self._provider = provider

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        self._provider.asked.append(path)
        if self._provider.broken is not None and path.startswith(self._provider.broken):
            start_response("500 Broken", [])
            return [b"broken"]
        if path == "/jwks":
            return _json({"keys": [self._provider.key.as_dict(private=False)]}, start_response)
        if path == "/oauth2/token":
            return self._token(environ, start_response)
        if path == "/oauth2/authorize" and environ["REQUEST_METHOD"] == "POST":
            return self._authorize(environ, start_response)
        return self._app(environ, start_response)

    def _authorize(self, environ: dict[str, Any], start_response: Any) -> Any:
        asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        assert asked["code_challenge_method"] == "S256"

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            code = _parameters(dict(headers).get("Location", "")).get("code")
            if code is not None:
                self._provider.challenges[code] = asked["code_challenge"]
            return start_response(status, headers, *rest)

        return self._app(environ, start)

    def _token(self, environ: dict[str, Any], start_response: Any) -> Any:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if self._provider.challenges.pop(form.get("code", ""), None) != challenge:
            return _json({"error": "invalid_grant"}, start_response, "400 Bad Request")
        environ["wsgi.input"] = BytesIO(body)
        started: list[Any] = []
        granted = msgspec.json.decode(b"".join(self._app(environ, lambda *given: started.append(given))))
        if "id_token" in granted:
            granted["id_token"] = self._provider.sign(_claims_of(granted["id_token"]))
        return _json(granted, start_response, started[0][0])


def _claims_of(token: str) -> Claims:
    payload = token.split(".")[1]
    claims: Claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _json(answer: dict[str, Any], start_response: Any, status: str = "200 OK") -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [msgspec.json.encode(answer)]


@contextmanager
def a_provider() -> Iterator[Provider]:
    """Serves until the block ends."""
    provider = Provider("")
    app = _Strict(oidc_provider_mock.app(require_nonce=True), provider)
    server = werkzeug.serving.make_server("localhost", 0, app, threaded=True)
    provider.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
