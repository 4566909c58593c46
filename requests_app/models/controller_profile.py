"""Who the portal answers for, as letters, mails and pages name it."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class ControllerProfile(models.Model):
    """The controller's name, address and look: one row, made when somebody first fills the page in.

    Empty fields fall back to the settings. Pictures are small and held whole.
    """

    class Picture(models.TextChoices):
        """What a picture may be; SVG only where nothing in it acts or points elsewhere."""

        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"
        SVG = "image/svg+xml", "SVG"

    name = models.CharField(max_length=200, blank=True)
    address = models.TextField(max_length=500, blank=True)
    country = models.CharField(max_length=6, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(max_length=300, blank=True)
    privacy_url = models.URLField(max_length=300, blank=True)
    officer = models.CharField(max_length=200, blank=True)
    officer_contact = models.CharField(max_length=300, blank=True)
    representative = models.TextField(max_length=500, blank=True)
    colour = models.CharField(max_length=7, default="#17324d", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")])
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=20, choices=Picture.choices, blank=True)
    signatory = models.CharField(max_length=200, blank=True)
    signatory_role = models.CharField(max_length=200, blank=True)
    signature = models.BinaryField(null=True, blank=True)
    signature_type = models.CharField(max_length=20, choices=Picture.choices, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One row."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(pk=1), name="controller_profile_once")
        ]

    def __str__(self) -> str:
        return "controller profile"
