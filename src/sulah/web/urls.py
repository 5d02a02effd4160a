"""Addresses of the pages."""

from django.urls import include, path

from sulah.web import door
from sulah.web.borrower.check import officer_check
from sulah.web.borrower.pay import pay, pay_on
from sulah.web.desk.book import book
from sulah.web.desk.inbox import inbox, nobody, task_act
from sulah.web.desk.loan import loan
from sulah.web.desk.loans import loans
from sulah.web.desk.people import people
from sulah.web.desk.person import person
from sulah.web.desk.person_acts import person_act
from sulah.web.desk.promises import promises
from sulah.web.desk.thread import thread, thread_act
from sulah.web.desk.worklist import worklist
from sulah.web.fieldapp.code import officer_code, officer_code_act
from sulah.web.govern.agencies import agencies, agent
from sulah.web.govern.agency_acts import agency_act
from sulah.web.govern.calendar import calendar, calendar_act
from sulah.web.govern.complaints import complaint_act, complaints
from sulah.web.govern.configuration import configuration
from sulah.web.govern.contact_rule import contact_rule
from sulah.web.govern.contact_rules import contact_rules
from sulah.web.govern.decision import decision
from sulah.web.govern.decisions import decisions
from sulah.web.govern.erasures import erasure_act, erasures
from sulah.web.govern.inspection import inspection, inspection_answer
from sulah.web.govern.ledger import ledger, ledger_act
from sulah.web.govern.log import log
from sulah.web.govern.overrides import override_act, overrides
from sulah.web.govern.rule_acts import rule_act
from sulah.web.govern.rules import rules
from sulah.web.govern.runs import runs
from sulah.web.govern.stops import stop_act, stops
from sulah.web.govern.text import text
from sulah.web.govern.text_acts import text_act
from sulah.web.govern.texts import texts
from sulah.web.hooks import hook
from sulah.web.sandbox.phone import phone, phone_act
from sulah.web.supervise.alerts import alerts
from sulah.web.supervise.compare import compare
from sulah.web.supervise.delivery import delivery
from sulah.web.supervise.differences import differences
from sulah.web.supervise.loads import decide_load, loads
from sulah.web.supervise.payments import payments
from sulah.web.supervise.places import places
from sulah.web.supervise.quality import quality
from sulah.web.supervise.quarantine import quarantine
from sulah.web.supervise.returns import returns
from sulah.web.supervise.rolls import rolls
from sulah.web.supervise.trend import trend_page
from sulah.web.supervise.vintages import vintages
from sulah.web.supervise.written_off import post_written_off, written_off, written_off_loan
from sulah.web.witness import add_checkpoint

urlpatterns = [
    path("", book, name="book"),
    path("compare", compare, name="compare"),
    path("rolls", rolls, name="rolls"),
    path("vintages", vintages, name="vintages"),
    path("places", places, name="places"),
    path("alerts", alerts, name="alerts"),
    path("trend", trend_page, name="trend"),
    path("loans", loans, name="loans"),
    path("loan/<path:loan_id>", loan, name="loan"),
    path("worklist", worklist, name="worklist"),
    path("differences", differences, name="differences"),
    path("payments", payments, name="payments"),
    path("returns", returns, name="returns"),
    path("quality", quality, name="quality"),
    path("quarantine", quarantine, name="quarantine"),
    path("loads", loads, name="loads"),
    path("loads/<str:load_id>/decide", decide_load, name="decide_load"),
    path("written-off", written_off, name="written_off"),
    path("written-off/loan/<path:loan_id>", written_off_loan, name="written_off_loan"),
    path("written-off/post/<path:loan_id>", post_written_off, name="post_written_off"),
    path("runs", runs, name="runs"),
    path("rules", rules, name="rules"),
    path("configuration", configuration, name="configuration"),
    path("api/v1/", include("sulah.web.api.urls"), {"sandbox": False}),
    path("api/sandbox/v1/", include("sulah.web.api.urls"), {"sandbox": True}),
    path("hooks/<slug:section>/<slug:provider>", hook, name="hook"),
    path("log", log, name="log"),
    path("add-checkpoint", add_checkpoint, name="add_checkpoint"),
    path("talk", inbox, name="inbox"),
    path("talk/unknown", nobody, name="nobody"),
    path("talk/task-act/<slug:act>", task_act, name="task_act"),
    path("talk/thread/<path:person_id>", thread, name="thread"),
    path("talk/thread-act/<slug:act>", thread_act, name="thread_act"),
    path("talk/promises", promises, name="promises"),
    path("talk/complaints", complaints, name="complaints"),
    path("talk/complaint-act/<slug:act>", complaint_act, name="complaint_act"),
    path("sandbox/phone/<path:person_id>", phone, name="phone"),
    path("sandbox/phone-act/<slug:act>", phone_act, name="phone_act"),
    path("contact", people, name="people"),
    path("contact/person/<path:person_id>", person, name="person"),
    path("contact/person-act/<slug:act>", person_act, name="person_act"),
    path("contact/code/<path:person_id>", officer_code, name="officer_code"),
    path("contact/code-act", officer_code_act, name="officer_code_act"),
    path("officer", officer_check, name="officer_check"),
    path("officer/<slug:token>", officer_check, name="officer_checked"),
    path("p/<slug:token>", pay, name="pay"),
    path("p/<slug:token>/on", pay_on, name="pay_on"),
    path("contact/delivery", delivery, name="delivery"),
    path("contact/decisions", decisions, name="decisions"),
    path("contact/decisions/<int:decision_id>", decision, name="decision"),
    path("contact/ledger/<path:person_id>", ledger, name="ledger"),
    path("contact/ledger-act/<slug:act>", ledger_act, name="ledger_act"),
    path("inspection", inspection, name="inspection"),
    path("inspection/<slug:question>", inspection_answer, name="inspection_answer"),
    path("contact/overrides", overrides, name="overrides"),
    path("contact/override-act/<slug:act>", override_act, name="override_act"),
    path("contact/erasures", erasures, name="erasures"),
    path("contact/erasure-act/<slug:act>", erasure_act, name="erasure_act"),
    path("contact/stops", stops, name="stops"),
    path("contact/stop-act/<slug:act>", stop_act, name="stop_act"),
    path("contact/calendar", calendar, name="calendar"),
    path("contact/calendar-act/<slug:act>", calendar_act, name="calendar_act"),
    path("contact/agencies", agencies, name="agencies"),
    path("contact/agents/<path:agent_id>", agent, name="agent"),
    path("contact/agency-act/<slug:act>", agency_act, name="agency_act"),
    path("contact/rules", contact_rules, name="contact_rules"),
    path("contact/rules/<str:rule_id>", contact_rule, name="contact_rule"),
    path("contact/rule-act/<slug:act>", rule_act, name="rule_act"),
    path("contact/texts", texts, name="texts"),
    path("contact/texts/<slug:name>", text, name="text"),
    path("contact/text-act/<slug:act>", text_act, name="text_act"),
    path("sign-in", door.sign_in, name="sign_in"),
    path("sign-out", door.sign_out, name="sign_out"),
]
handler400 = "sulah.web.door.bad_request"
handler403 = "sulah.web.door.forbidden"
handler404 = "sulah.web.door.not_found"
handler500 = "sulah.web.door.broken"
