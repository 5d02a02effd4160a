"""People who sign in: their role, and the branches or the agency that they may see."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from sulah.kernel.terms import Role


class Person(AbstractUser):
    """A user with one role; branches limits what they see (empty list = all branches of the lender)."""

    role = models.CharField(max_length=20, choices=[(role.value, role.value.replace("_", " ")) for role in Role])
    branches = models.JSONField(default=list, blank=True)
    agency_id = models.CharField(max_length=64, blank=True)
    officer_id = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=8, default="en")
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]
