"""What lenders call the contract's tables, columns and terms; names are compared folded (letters and digits only)."""

FILE_WORDS: dict[str, tuple[str, ...]] = {
    "borrower": ("borrower", "customer", "client", "member", "applicant"),
    "instalment": ("schedule", "instalment", "installment", "emi", "demand", "rps"),
    "repayment": ("repayment", "receipt", "payment", "collectionposted", "transaction"),
    "guarantor": ("guarantor", "coapplicant"),
    "mandate": ("mandate",),
    "bounce": ("bounce", "return"),
    "promise": ("promise", "ptp"),
    "contact": ("contact", "calllog", "dialler", "dialer"),
    "relief": ("relief", "moratorium"),
    "centre": ("centre", "center"),
    "collection": ("collection", "gateway", "agency"),
    "loan": ("loan", "account", "portfolio"),
}
"""Table -> words in a file's name; the first table with a word that fits is taken."""

COLUMN_WORDS: dict[str, tuple[str, ...]] = {
    "borrower_id": ("borrowerid", "customerid", "custid", "clientid", "memberid", "cif", "cifid", "ucic", "applicantid"),
    "name": ("name", "customername", "borrowername", "clientname", "membername", "fullname"),
    "phone": ("phone", "mobile", "mobileno", "mobilenumber", "phoneno", "phonenumber", "contactno", "contactnumber"),
    "phone_2": ("phone2", "altphone", "alternatephone", "alternatemobile", "mobile2"),
    "email": ("email", "emailid", "emailaddress"),
    "born_on": ("bornon", "dateofbirth", "dob", "birthdate"),
    "occupation": ("occupation", "profession", "employmenttype"),
    "monthly_income": ("monthlyincome", "income"),
    "household_income_yearly": ("householdincomeyearly", "annualhouseholdincome", "householdincome"),
    "address": ("address", "residenceaddress", "addressline1"),
    "pincode": ("pincode", "pin", "postalcode", "zip", "zipcode"),
    "state": ("state", "statename"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lng", "lon", "long"),
    "centre_id": ("centreid", "centerid", "centrecode", "centercode"),
    "group_id": ("groupid", "groupcode"),
    "loan_id": (
        "loanid",
        "loanno",
        "loannumber",
        "loanaccountno",
        "loanaccountnumber",
        "accountno",
        "accountnumber",
        "lan",
        "agreementno",
        "accountid",
    ),
    "product": ("product", "productcode", "productname", "producttype", "loanproduct", "scheme", "loanpurpose", "loantype"),
    "branch_id": ("branchid", "branch", "branchcode", "solid"),
    "disbursed_on": ("disbursedon", "disbursementdate", "disbursaldate", "disbdate", "disbursedate", "issued", "issuedate", "loandate"),
    "principal": ("principal", "loanamount", "disbursedamount", "disbursementamount", "sanctionedamount", "amountdisbursed"),
    "annual_rate_percent": ("annualratepercent", "interestrate", "roi", "rate", "irr"),
    "instalment_count": ("instalmentcount", "ninstalments", "tenure", "term", "noofinstalments", "noofemi", "tenor"),
    "frequency": ("frequency", "repaymentfrequency", "emifrequency"),
    "officer_id": ("officerid", "officer", "rmid", "fieldofficer", "collectorid", "loanofficer"),
    "status": ("status", "loanstatus", "accountstatus"),
    "lms_dpd": ("lmsdpd", "dpd", "dayspastdue", "overduedays"),
    "lms_class": ("lmsclass", "assetclass", "npastatus", "assetclassification"),
    "lms_npa_on": ("lmsnpaon", "npadate"),
    "number": ("number", "instalmentno", "installmentno", "instno", "emino", "srno", "instalmentnumber", "installmentnumber"),
    "due_on": ("dueon", "duedate", "emidate", "demanddate", "instalmentdate", "installmentdate"),
    "principal_due": ("principaldue", "principal", "principalcomponent", "prindue", "principalamount"),
    "interest_due": ("interestdue", "interest", "interestcomponent", "intdue", "interestamount"),
    "charge_due": ("chargedue", "charges", "fees", "feedue"),
    "total_due": ("totaldue", "amountdue", "emi", "emiamount", "instalmentamount", "installmentamount", "dueamount"),
    "repayment_id": ("repaymentid", "receiptno", "receiptid", "receiptnumber", "transactionid", "txnid", "paymentid"),
    "paid_on": ("paidon", "paidat", "paymentdate", "receiptdate", "transactiondate", "txndate", "valuedate"),
    "amount": ("amount", "receiptamount", "paymentamount", "amountpaid", "txnamount", "paidamount"),
    "mode": ("mode", "paymentmode", "receiptmode", "instrument"),
    "booked_at": ("bookedat", "postedat", "postingdate", "createdat", "entrydate"),
    "reverses_id": ("reversesid", "reversalof", "originalreceiptno"),
}
"""Contract column -> folded names that lenders use, the likeliest first."""

STATUS_WORDS: dict[str, tuple[str, ...]] = {
    "active": ("active", "live", "open", "current", "running", "regular", "ongoing", "disbursed", "npa", "ingraceperiod", "graceperiod"),
    "closed": ("closed", "fullypaid", "paidoff", "foreclosed", "matured", "paid", "preclosed"),
    "written_off": ("writtenoff", "writeoff", "chargedoff", "wo"),
    "settled": ("settled", "compromised", "ots"),
    "sold": ("sold", "assigned", "soldtoarc"),
    "posted": ("posted", "success", "cleared", "realised", "realized", "approved"),
    "bounced": ("bounced", "returned", "dishonoured", "failed"),
    "reversed": ("reversed", "cancelled", "canceled"),
    "weekly": ("weekly", "w", "week"),
    "fortnightly": ("fortnightly", "biweekly", "f"),
    "four_weekly": ("fourweekly", "4weekly", "28days"),
    "monthly": ("monthly", "m", "month"),
}
"""Contract term -> folded terms that lenders use."""

STATUS_BEGINNINGS: dict[str, tuple[str, ...]] = {"active": ("late", "overdue", "delinquent", "default", "pastdue", "dpd", "sma")}
"""Contract term -> beginnings of folded terms: a loan in arrears is an active loan, however a lender calls its lateness."""


def folded(name: str) -> str:
    """A name with letters and digits only, in lower case.

    >>> folded("Loan A/c No.")
    'loanacno'
    """
    return "".join(character for character in name.lower() if character.isalnum())
