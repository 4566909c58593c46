"""The console's site."""

from __future__ import annotations

from django.conf import settings
from django.contrib.admin import AdminSite


class ConsoleSite(AdminSite):
    """The admin in the portal's own words and colours."""

    site_header = settings.DSR_SYSTEM_NAME
    site_title = settings.DSR_SYSTEM_NAME
    index_title = "Requests"
