-- schedule_change: loans that are new or whose instalments are not those of the load before; due takes their rows from this
-- load. Two sums of hashes over a loan's rows are compared, whatever the order of the rows; they are never stored.
-- Inputs: schedule_sum, loan, account, quarantined_key, previous_instalment, previous_account, intake_run.
WITH before AS (
  SELECT
    i.loan_id,
    count(*) AS instalments,
    sum(hash(i.number, i.due_on, i.valid_from, i.principal_due_paise, i.interest_due_paise, i.charge_due_paise, i.total_due_paise)) AS first_sum,
    sum(hash(i.total_due_paise, i.charge_due_paise, i.interest_due_paise, i.principal_due_paise, i.valid_from, i.due_on, i.number)) AS second_sum
  FROM previous_instalment AS i
  GROUP BY i.loan_id
),
refused AS (
  -- the key of an instalment is loan|number|valid_from
  SELECT DISTINCT regexp_replace(q.record_key, '[|][^|]*[|][^|]*$', '') AS loan_id
  FROM quarantined_key AS q
  WHERE q.table_name = 'instalment'
)
SELECT
  a.loan_key, a.loan_id, a.disbursed_on,
  a.principal_paise - CASE WHEN a.opening_apart THEN coalesce(l.opening_principal_paid_paise, 0) ELSE 0 END AS principal_paise,
  o.loan_key IS NULL AS new_loan,
  coalesce(g.composed, false) AS composed
FROM account AS a
LEFT JOIN loan AS l ON l.loan_id = a.loan_id
LEFT JOIN schedule_sum AS g ON g.loan_id = a.loan_id
LEFT JOIN before AS b ON b.loan_id = a.loan_id
LEFT JOIN previous_account AS o ON o.loan_key = a.loan_key
LEFT JOIN refused AS r ON r.loan_id = a.loan_id
WHERE o.loan_key IS NULL
  OR (r.loan_id IS NULL AND g.instalments IS NOT NULL
    AND (g.instalments IS DISTINCT FROM b.instalments OR g.first_sum IS DISTINCT FROM b.first_sum OR g.second_sum IS DISTINCT FROM b.second_sum))
ORDER BY a.loan_key
