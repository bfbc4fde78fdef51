"""Answers mail programs before anything else looks at the request."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from mailadmin.core.language import Handler
from mailadmin.mailprograms.public_views import ANSWERS


class MailProgramMiddleware:
    """Answers the few paths that programs ask under any host name, such as autoconfig.example.com.

    The first of all: those that follow refuse hosts outside ALLOWED_HOSTS and send plain HTTP to HTTPS, for which a
    customer's name may have no certificate here; and a session, a language or a check of forms has no place in it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = ANSWERS.get(request.path_info.lower())
        return answer(request) if answer else self.get_response(request)
