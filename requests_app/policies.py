"""What browsers may do with what they are sent; the strictest is for everything that names no other."""

from __future__ import annotations

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
# For a page that shows a mail in a frame.
FRAMING_POLICY = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
# A mail brings its own style; it can do nothing else.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"
# A picture that somebody opens by itself shows itself.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
# Viewers of browsers bring their own style and are blocked by a sandbox.
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
