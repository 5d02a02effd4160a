"""The key store held against the erasures on record: no key that a certificate names may be there again."""

from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.records.erasure import Erasure, ErasureState


def keys_named() -> dict[int, str]:
    """The numbers of the keys that certificates say were destroyed, with the person; of people who came back too."""
    done = Erasure.objects.filter(state__in=(ErasureState.DONE, ErasureState.READMITTED)).order_by("id")
    named = {int(str(row.certificate.get("key", "0")), 16): row.person for row in done}
    return {number: person for number, person in named.items() if number}


def wrong_erasures(lender: Lender) -> list[str]:
    """People who were erased and whose key is there, in words; nothing is opened."""
    named = keys_named()
    if not named:
        return []
    store = Vault(lender).store
    alive = {named[number] for number in store.alive(list(named))}
    erased = set(Erasure.objects.filter(state=ErasureState.DONE).values_list("person", flat=True))
    alive |= erased & set(store.names(Kind.BORROWER))
    words = "was erased, and the key is in the key store again. Use sulah keys restore FILE with a copy: it leaves the key out"
    return [f"{person} {words}." for person in sorted(alive)]
