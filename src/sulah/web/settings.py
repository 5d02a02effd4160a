"""Django settings: taken from the lender's folder, which SULAH_LENDER names; no secret stands here."""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).resolve().parent
LENDER = Path(os.environ.get("SULAH_LENDER", ".")).resolve()


def _database() -> dict[str, object]:
    """SQLite in the lender's folder, or PostgreSQL where SULAH_DATABASE (set from lender.toml) names one."""
    url = os.environ.get("SULAH_DATABASE", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": LENDER / "sulah.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=20000;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }


def _secret() -> str:
    """The signing key from the lender's keys folder; a throw-away one where there is no lender (checks, tests)."""
    path = LENDER / "keys" / "web.key"
    return path.read_text("utf-8").strip() if path.is_file() else secrets.token_hex(32)


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("SULAH_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {"default": _database()}
AUTH_USER_MODEL = "records.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "sulah.records",
]
TIME_ZONE = "Asia/Kolkata"
USE_TZ = True
