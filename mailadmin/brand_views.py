"""The accent colour and logo of whoever runs the panel, as files that a browser keeps: a change has a new address."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mailadmin.core.branding import LOGO_TYPES, read_logo, stylesheet

kept_by_browsers = cache_control(public=True, max_age=31_536_000, immutable=True)


@require_safe
@kept_by_browsers
def brand_css(request: HttpRequest) -> HttpResponse:
    """Answer with the tokens of MAILADMIN_ACCENT; empty without one."""
    return HttpResponse(stylesheet(settings.MAILADMIN_ACCENT), content_type="text/css; charset=utf-8")


@require_safe
@kept_by_browsers
def brand_logo(request: HttpRequest) -> HttpResponse:
    """Answer with the picture of MAILADMIN_LOGO. Opened by itself, an SVG runs no script: the policy forbids it."""
    path = settings.MAILADMIN_LOGO
    if not path:
        raise Http404
    return HttpResponse(read_logo(path), content_type=LOGO_TYPES[Path(path).suffix.lower()])
