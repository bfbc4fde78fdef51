"""The language of a request: the person's choice, else the cookie's, else the browser's, else LANGUAGE_CODE."""

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

Handler = Callable[[HttpRequest], HttpResponseBase]


class LanguageMiddleware:
    """Speaks the language of the cookie or of the browser, which needs neither session nor database."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = speaking(translation.get_language_from_request(request), self.get_response, request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def speaking(language: str, get_response: Handler, request: HttpRequest) -> HttpResponseBase:
    """Return the answer to a request in a language of the panel; the answer's header names it."""
    with translation.override(language):
        response = get_response(request)
    response.headers.setdefault("Content-Language", language)
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        # Its text is made when it is sent, after the middleware.
        response.streaming_content = _spoken(language, cast(Iterable[bytes], response.streaming_content))
    return response


def _spoken(language: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    following = iter(parts)
    while True:
        with translation.override(language):
            part = next(following, None)
        if part is None:
            return
        yield part


def is_language(code: str) -> bool:
    """Return whether the panel speaks this language."""
    return code in dict(settings.LANGUAGES)


def keep_language(response: HttpResponse, code: str) -> None:
    """Keep a choice of language in the browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SECURE_COOKIES,
        httponly=True,
        samesite="Lax",
    )
