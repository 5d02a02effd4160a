"""A lender's own in its texts, and values of the village for every variable of the library."""

from sulah.outreach.house import House
from sulah.outreach.samples import VALUES as SAMPLES
from sulah.outreach.template import Value

KAVERI = House("Kaveri Finance", "18001230000", "9215512345", "16001234567", "https://kaveri.example/officer")
HOSTS = ("pay.kaveri.example",)
VALUES: dict[str, Value] = {**SAMPLES, "link": "https://pay.kaveri.example/p/7Hk29a"}
