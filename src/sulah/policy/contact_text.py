"""The parts of the contact document that no row says: how to read it, what words mean, and how a decision comes about."""

HEADING = """# The contact rules: who may be contacted, when, how often, how

*Written from the rows in `contact/*.toml` by `python -m sulah.policy.pages docs/policy`; do not edit by hand.*

These are the rules that Sulah asks before any contact with a borrower, when work is planned and again at the moment of sending. One
rule that says no is enough. Nothing here is legal advice: each lender's compliance officer signs each row, or changes it. How a
lender changes a row, and what confidence A, B, C and POLICY mean: [README](README.md). The rows as tables:
[contact_rule](contact_rule.md), [contact_occasion](contact_occasion.md), [contact_stop](contact_stop.md),
[contact_purpose](contact_purpose.md), [loan_type](loan_type.md).

## How to read it

Each rule has a mark, a sentence in bold that says what it asks, the contacts of which it is asked, and its source. Where a text
leaves something open, the note says what was decided and that it is the lender's choice as preset here. A row that begins on 1 Jan
1990 has no first day that matters. A change of a rule is recorded with who proposed and who approved it; the version number of the
row grows."""

TERMS = """
## Terms

- **Instant**: a moment in UTC to the microsecond. India is UTC + 05:30 all year; **IST date**, **IST day**, weekday and **second of
  the IST day** (0 to 86,399, parts of a second dropped) come from that.
- **Seven days** are the IST day and the six before it; **days = n** are the IST day and the n - 1 before it.
- **In force**: from the first to the last day of a row, both inside, looked up by the IST date of the instant.
- **Loans named**: the loans that the contact is about, each once; whoever names a loan twice gets no answer. **Open loan**: a loan on
  which something is still to be paid.
- **Place**: where a visit or meeting takes place. Whoever says a place for another channel gets no answer.
- **Class** of a contact, also of one in the ledger, by its channel and by nothing else:"""

COUNTED = """
A contact that was ever begun stands in the ledger in one of these states. `failed`: the provider refused it before any effect, or
it was never handed over. `withdrawn`: we stopped it before hand-over. An outcome that is not known is read as the stricter one:"""

ASKED = """
## When is a rule asked?

A rule is asked when all of this holds:

1. it is in force on the IST date, and it binds this kind of lender;
2. it is switched on (rows of law and of a platform always are);
3. its channels and its purposes hold those of the contact;
4. its states hold the state of the person's address, or that state is not known;
5. its products are `*`, or any loan named has a product that fits (the code itself, or its beginning followed by `*`; capitals and
   small letters are the same; a loan named that is not on the book fits; where no loan is named, only `*` fits);
6. its weekdays hold the weekday of the IST date;
7. its loan types are `*`, or any **open** loan of the person has one of them: any loan on the book that the person has to do with,
   named or not, whatever the person is to it. A closed loan has no type here, named or not; a loan named that is not on the book is
   an open loan of unknown type. An open loan of unknown type has every type where the rule's when_unknown is `strictest`; makes the
   rule say no, whatever it asks, where it is `block` and no other open loan has one of the types; has none where it is
   `not_applicable`. Where there is no open loan, no rule that names types is asked.

Every rule that is asked is in the answer, with yes or no. So the strictest wins: a person with a microfinance loan and another loan
is under the hours of both, which is 09:00 to 18:00. A rule of severity `warn` or `log` never stops a contact."""

OCCASIONS = """
### Kinds of occasion

Whether occasions are asked is said by the rules above. An occasion bars the classes of its kind, whoever or whatever it was noted
for, and its scope is not looked at again; both its days are inside. One of a kind that has no row in force bars every class. Where
the person who notes it gives no last day, it lasts as many days as the row says, the first included.
"""

STOPS = """
## Stops

A stop is raised by an event and takes effect at once, on queued, planned and claimed work alike. Each row is a question of its own,
asked of every contact whose class it bars and whose purpose is not one of those still allowed: **no** when a stop of the row's
event and scope is active (since <= instant, and instant < until where it has an end) and covers the contact. An event with several
rows raises one stop for each. A stop with days ends at 00:00:00 IST of the day that lies that many days after its first. Nobody
sets a stop aside; it is lifted, by whom the row names: `book` is the next day's book, `borrower` the person. There is no switch.
Next lawful time: the end of the stop, where it has one.

What a scope covers: `number` the number or address that the contact carries, whatever its channel; `channel` this person on this
channel; `loan` any loan named, on the book or not; `person`; `household` (a person without a household is in none); `pincode` of the
person's address, and everybody whose PIN code is not known; `agent` that the contact names; `agency` that the contact names or that
the agent's papers name, and every contact that names an agent whose papers are not on file, as that agent may be of any agency;
`channel_all` everybody on the channel; `lender` everything, whatever its key says.

A stop of an event and scope that no row has stops nothing by itself. So a payment is noted for each loan that it pays; one that was
noted for the person as a whole counts in *Something is overdue* alone.
"""

TYPES = """
## Is it a microfinance loan?

The closest product answers: the longest code, and a whole code before the beginning of one; capitals and small letters are the
same. `by_income` means: `other` when the loan is secured, or the household's income a year is known and above the limit; `mfl` when
it is unsecured and the income is known and at most the limit, the limit itself included; **unknown** otherwise.
"""

UNKNOWN = """
## What happens when something is unknown

A fact that is known and settles the answer goes before one that is not: a fact settles it where a sentence of the question holds by
known facts alone. That everything which the unknown fact could be would give the same answer settles nothing. Otherwise the rule's
when_unknown decides. Which facts can be unknown is said at each question below.
"""

UNKNOWN_MEANS = {
    "block": "the rule says no",
    "strictest": "the unknown is read as what the rule treats worst: a loan of unknown type has every type, any other unknown is a no",
    "not_applicable": "the rule says yes, or is not asked",
}

OVERRIDES = """
## Who may set what aside

For one contact, one named rule, by the role that its row names and no other, with a reason, recorded with the decision and in the
register of overrides. Every other rule is still asked.
"""

DRAFTS = """
## Drafts, and how they are switched

The final text of the recovery-conduct directions was not found. Their rows are shipped switched on (strict mode) and bind from 1
Oct 2026, the date in the revised draft. `switch_rule` switches a draft row off or on again, by the compliance officer with a
reason; to bind earlier, a new version of the row with an earlier first day is proposed by one person and approved by another. Rows
of law and of a platform cannot be switched. Rows that are the lender's choice can, as long as the fence below stays whole: with
every draft switched off it does.
"""

FENCE_WORDS = """
## The fence

A book of rules is refused as a whole when, on any day from 12 Aug 2022 on, for any kind of lender, any contact for recovery would
not be asked for hours, cap, party, overdue and (for messages and calls) number, on every weekday and for both loan types; when an
event has no stop, or a stop leaves recovery open; when a purpose that counts is in no cap, or one that does not is in one; when a
permit would never end. A row of law or of a platform that is switched off, only warns or may be set aside refuses the book, too. A
row of law that a lender changes or takes away is told as a departure, for the compliance officer to sign."""

DECISION = """
## The decision

- **Permit**: every rule asked that can stop a contact says yes, or was set aside. It is for this person, channel, number or place
  and purpose, from the instant of the decision until the first instant at which a rule asked would say no with the facts as they
  are (the end of the hours, the beginning of a wish or an occasion, midnight IST where a count or a certificate turns), and no
  later than the shortest life of a permit among the rules asked (24 hours where none is).
- **Refusal**: each rule that said no, with its citation. **Next lawful time**: the earliest later instant, within 60 days, at which
  every rule then asked would say yes with the facts as they are (a rule may by then no longer be asked, and a fact that is dated
  ahead counts from its date on); otherwise none, with the rules that waiting cannot satisfy.
- At the moment of sending all of it is asked again, on the facts of that moment."""

NOT_ASKED = """
## What these rules do not ask

- What a person says: threats, abuse, false authority and naming people are barred for every text and script (RBI/2022-23/108 para
  2); templates are checked when they are registered, calls and visits by listening and by complaint.
- That a call is recorded, that the caller id is one that the person was told of, that a machine says that it is one, that a visitor
  shows card, letter and notice, that the list of agents is public: each has its place in another part of Sulah, or none yet.
- State acts on microfinance (Karnataka, Tamil Nadu, Bihar, Andhra Pradesh, Telangana, Assam): their reach by kind of lender must be
  looked up; a rule for a state is a row with that state in `states`.
- Which loans are digital loans: rules that bite only those hold for all.
- A day before 12 Aug 2022."""

VERIFY = """
## Rows to verify

The compliance officer looks these up in the official text before relying on them.
"""
