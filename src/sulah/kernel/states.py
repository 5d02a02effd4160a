"""The states and union territories of India by the two letters that policy rows carry, and as lenders write them."""

_WRITTEN = {
    "AN": ("Andaman and Nicobar Islands", "Andaman and Nicobar"),
    "AP": ("Andhra Pradesh",),
    "AR": ("Arunachal Pradesh",),
    "AS": ("Assam",),
    "BR": ("Bihar",),
    "CG": ("Chhattisgarh", "CT", "Chattisgarh"),
    "CH": ("Chandigarh",),
    "DH": ("Dadra and Nagar Haveli and Daman and Diu", "DN", "DD", "Dadra and Nagar Haveli", "Daman and Diu"),
    "DL": ("Delhi", "NCT of Delhi", "New Delhi", "National Capital Territory of Delhi"),
    "GA": ("Goa",),
    "GJ": ("Gujarat",),
    "HP": ("Himachal Pradesh",),
    "HR": ("Haryana",),
    "JH": ("Jharkhand",),
    "JK": ("Jammu and Kashmir",),
    "KA": ("Karnataka",),
    "KL": ("Kerala",),
    "LA": ("Ladakh",),
    "LD": ("Lakshadweep",),
    "MH": ("Maharashtra",),
    "ML": ("Meghalaya",),
    "MN": ("Manipur",),
    "MP": ("Madhya Pradesh",),
    "MZ": ("Mizoram",),
    "NL": ("Nagaland",),
    "OD": ("Odisha", "OR", "Orissa"),
    "PB": ("Punjab",),
    "PY": ("Puducherry", "Pondicherry"),
    "RJ": ("Rajasthan",),
    "SK": ("Sikkim",),
    "TN": ("Tamil Nadu", "Tamilnadu"),
    "TR": ("Tripura",),
    "TS": ("Telangana", "TG"),
    "UK": ("Uttarakhand", "UT", "UA", "Uttaranchal"),
    "UP": ("Uttar Pradesh",),
    "WB": ("West Bengal",),
}
STATES = tuple(_WRITTEN)
"""The codes, in order."""


def _plain(text: str) -> str:
    words = text.lower().replace("&", " and ").replace("-", " ").replace(".", " ").replace("_", " ").split()
    return " ".join(word for word in words if word != "the")


_CODES = {_plain(name): code for code, names in _WRITTEN.items() for name in (code, f"IN {code}", *names)}


def state_code(written: str | None) -> str:
    """The code of a state as a lender writes it, by name or code in any case; empty for a text that is no state.

    >>> state_code("TAMIL NADU"), state_code("Jammu & Kashmir"), state_code("in-br"), state_code("Atlantis")
    ('TN', 'JK', 'BR', '')
    """
    return _CODES.get(_plain(written or ""), "")
