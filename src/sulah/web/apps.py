"""The pages as a Django application: templates, template words and the stylesheet; no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages only; every table belongs to the records."""

    name = "sulah.web"
    label = "web"
