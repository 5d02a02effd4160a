-- arrears_entry: loans that were ever seen more than 30 or 90 days past due, or NPA, with how they stood on the first such
-- committed day, and what has been collected since. A loan enters each once and stays, so that a cohort never loses members.
-- What a loan pays after it ended counts too.
-- Inputs: account, position, loan_day, previous.arrears_entry. Definitions: docs/operate/measures.md.
WITH marked AS (
  SELECT
    l.loan_key, l.loan_id, m.mark, l.product, l.branch_id, l.officer_id, l.pincode, l.state, l.acquisition_channel, l.vintage, l.ticket_band,
    l.place, l.principal_paise, l.overdue_paise, l.paid_paise,
    coalesce(l.before_place, 'new') = 'new' AS seen_late
  FROM loan_day AS l
  CROSS JOIN LATERAL (VALUES ('par_30', l.dpd > 30), ('par_90', l.dpd > 90), ('npa', l.npa)) AS m (mark, holds)
  WHERE (l.dpd > 30 OR l.npa) AND m.holds
),
kept AS (
  SELECT
    a.loan_key, e.loan_id, e.mark, e.entered_on, e.seen_late, a.product, a.branch_id, a.officer_id, a.pincode, a.state, a.acquisition_channel, e.vintage, e.ticket_band,
    e.entry_principal_paise, e.entry_overdue_paise, e.entry_paid_paise,
    coalesce(l.place, 'closed') AS place,
    p.outstanding_principal_paise AS principal_paise,
    p.paid_paise - e.entry_paid_paise AS collected_paise
  FROM previous.arrears_entry AS e
  INNER JOIN account AS a ON a.loan_id = e.loan_id
  INNER JOIN position AS p ON p.loan_key = a.loan_key
  LEFT JOIN loan_day AS l ON l.loan_key = a.loan_key
)
SELECT
  k.loan_key, k.loan_id, k.mark, k.entered_on, k.seen_late, k.product, k.branch_id, k.officer_id, k.pincode, k.state, k.acquisition_channel, k.vintage, k.ticket_band,
  k.entry_principal_paise, k.entry_overdue_paise, k.entry_paid_paise, k.place, k.principal_paise, k.collected_paise
FROM kept AS k
UNION ALL
SELECT
  m.loan_key, m.loan_id, m.mark, CAST($as_of AS DATE), m.seen_late, m.product, m.branch_id, m.officer_id, m.pincode, m.state, m.acquisition_channel, m.vintage, m.ticket_band,
  m.principal_paise, m.overdue_paise, m.paid_paise, m.place, m.principal_paise, 0
FROM marked AS m
LEFT JOIN kept AS k ON k.loan_key = m.loan_key AND k.mark = m.mark
WHERE k.loan_key IS NULL
ORDER BY loan_key, mark
