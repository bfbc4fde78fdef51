"""QR codes (ISO/IEC 18004) as SVG in the page."""

import segno
from django.utils.safestring import SafeString

PIXELS = 4
"""Of one module; with 41 of them a phone reads it at arm's length."""


def qr_svg(text: str) -> SafeString:
    """Return a QR code of the text, dark on white in both themes, without inline style."""
    code = segno.make_qr(text, error="m")
    return SafeString(code.svg_inline(scale=PIXELS, dark="#000", light="#fff", svgclass=None, lineclass=None))
