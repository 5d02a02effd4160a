-- receipt_change: entries that are new, changed or taken back since the load before, with the day-end on which that became
-- known (ADR 2, point 3). Loans with the same entries as stood before are passed over: two sums of hashes over a loan's
-- entries are compared, whatever the order; they are never stored. Inputs: repayment, loan, account, quarantined_key,
-- previous_repayment, previous_receipt, intake_run.
WITH undone AS (
  SELECT DISTINCT r.reverses_id FROM repayment AS r WHERE r.reverses_id IS NOT NULL
),
entries AS (
  -- what the lender says now: one row per entry that stands
  SELECT
    r.repayment_id, a.loan_key, r.paid_on, CAST(r.booked_at AS DATE) AS booked_on, r.mode, r.officer_id, r.reverses_id,
    CASE WHEN r.reverses_id IS NULL THEN r.amount_paise ELSE -r.amount_paise END AS amount_paise,
    CASE WHEN r.reverses_id IS NULL THEN 'receipt' ELSE 'reversal' END AS entry
  FROM repayment AS r
  INNER JOIN account AS a ON a.loan_id = r.loan_id
  WHERE (r.reverses_id IS NOT NULL OR coalesce(r.status, 'posted') = 'posted' OR r.repayment_id IN (SELECT u.reverses_id FROM undone AS u))
    AND (a.opening_on IS NULL OR r.paid_on > a.opening_on)
  UNION ALL
  SELECT
    'opening:' || l.loan_id, a.loan_key, l.opening_on, CAST(NULL AS DATE), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
    coalesce(l.opening_principal_paid_paise, 0) + coalesce(l.opening_interest_paid_paise, 0), 'opening'
  FROM loan AS l
  INNER JOIN account AS a ON a.loan_id = l.loan_id AND NOT a.opening_apart
  WHERE l.opening_on IS NOT NULL AND coalesce(l.opening_principal_paid_paise, 0) + coalesce(l.opening_interest_paid_paise, 0) > 0
),
standing AS (
  -- what stood after the load before
  SELECT p.repayment_id, p.loan_key, p.paid_on, p.amount_paise, p.entry
  FROM previous_receipt AS p
  WHERE p.void_on = DATE '9999-12-31'
),
moved AS (
  -- a first load has nothing to be compared with: every loan's entries are new
  SELECT DISTINCT e.loan_key FROM entries AS e CROSS JOIN intake_run AS n WHERE n.first_load
  UNION ALL
  SELECT coalesce(e.loan_key, s.loan_key) AS loan_key
  FROM (
    SELECT
      e.loan_key, count(*) AS entries,
      sum(hash(e.repayment_id, e.paid_on, e.amount_paise, e.entry)) AS first_sum,
      sum(hash(e.entry, e.amount_paise, e.paid_on, e.repayment_id)) AS second_sum
    FROM entries AS e
    INNER JOIN intake_run AS n ON NOT n.first_load
    GROUP BY e.loan_key
  ) AS e
  FULL OUTER JOIN (
    SELECT
      s.loan_key, count(*) AS entries,
      sum(hash(s.repayment_id, s.paid_on, s.amount_paise, s.entry)) AS first_sum,
      sum(hash(s.entry, s.amount_paise, s.paid_on, s.repayment_id)) AS second_sum
    FROM standing AS s
    GROUP BY s.loan_key
  ) AS s ON s.loan_key = e.loan_key
  WHERE e.entries IS DISTINCT FROM s.entries OR e.first_sum IS DISTINCT FROM s.first_sum OR e.second_sum IS DISTINCT FROM s.second_sum
),
now AS (
  SELECT e.repayment_id, e.loan_key, e.paid_on, e.booked_on, e.mode, e.officer_id, e.reverses_id, e.amount_paise, e.entry, y.repayment_id IS NOT NULL AS seen, CAST(y.booked_at AS DATE) AS seen_booked_on
  FROM entries AS e
  INNER JOIN moved AS m ON m.loan_key = e.loan_key
  LEFT JOIN previous_repayment AS y ON y.repayment_id = e.repayment_id
),
before AS (
  SELECT s.repayment_id, s.loan_key, s.paid_on, s.amount_paise, s.entry, CAST(b.booked_at AS DATE) AS booked_on, CAST(r.booked_at AS DATE) AS now_booked_on,
    q.record_key IS NULL AND l.loan_id IS NOT NULL AS may_be_taken_back
  FROM standing AS s
  INNER JOIN moved AS m ON m.loan_key = s.loan_key
  INNER JOIN account AS a ON a.loan_key = s.loan_key
  LEFT JOIN loan AS l ON l.loan_id = a.loan_id
  LEFT JOIN previous_repayment AS b ON b.repayment_id = s.repayment_id
  LEFT JOIN repayment AS r ON r.repayment_id = s.repayment_id
  LEFT JOIN quarantined_key AS q ON q.table_name = 'repayment' AND q.record_key = s.repayment_id
),
compared AS (
  SELECT
    e.repayment_id AS new_id, b.repayment_id AS old_id, e.loan_key AS new_loan_key, b.loan_key AS old_loan_key,
    e.paid_on, e.booked_on, e.amount_paise, e.entry, e.reverses_id, e.mode, e.officer_id, e.seen, e.seen_booked_on,
    CASE
      WHEN coalesce(e.booked_on, b.now_booked_on) IS DISTINCT FROM b.booked_on AND coalesce(e.booked_on, b.now_booked_on) IS NOT NULL THEN coalesce(e.booked_on, b.now_booked_on)
      ELSE n.as_of
    END AS change_known_on,
    n.as_of, n.first_load
  FROM now AS e
  FULL OUTER JOIN before AS b ON b.repayment_id = e.repayment_id
  CROSS JOIN intake_run AS n
  WHERE NOT coalesce(e.loan_key = b.loan_key AND e.paid_on = b.paid_on AND e.amount_paise = b.amount_paise AND e.entry = b.entry, false)
    AND (e.repayment_id IS NOT NULL OR b.may_be_taken_back)
)
SELECT
  c.new_id, c.old_id, c.new_loan_key, c.old_loan_key, c.paid_on, c.amount_paise, c.entry, c.reverses_id, c.mode, c.officer_id, c.change_known_on,
  CASE
    WHEN c.old_id IS NOT NULL THEN c.change_known_on
    WHEN c.seen THEN CASE WHEN c.booked_on IS DISTINCT FROM c.seen_booked_on THEN coalesce(c.booked_on, c.as_of) ELSE c.as_of END
    WHEN c.booked_on IS NOT NULL THEN c.booked_on
    WHEN c.first_load OR c.entry = 'opening' THEN c.paid_on
    ELSE c.as_of
  END AS known_on
FROM compared AS c
