"""The entry point for a WSGI server; the lender's folder comes from SULAH_LENDER."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
application = get_wsgi_application()
