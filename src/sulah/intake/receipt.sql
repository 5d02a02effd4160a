-- receipt: every entry of money received, signed, with the day-ends between which it counts (ADR 2, points 1-5).
-- Inputs: repayment, loan, account, quarantined_key (table_name, record_key), previous_repayment, previous_receipt,
-- previous_account, intake_run.
WITH undone AS (
  SELECT DISTINCT r.reverses_id FROM repayment AS r WHERE r.reverses_id IS NOT NULL
),
entries AS (
  -- what the lender says now: one row per entry that stands
  SELECT
    r.repayment_id, a.loan_id, r.paid_on, CAST(r.booked_at AS DATE) AS booked_on, r.mode, r.officer_id, r.reverses_id,
    CASE WHEN r.reverses_id IS NULL THEN r.amount_paise ELSE -r.amount_paise END AS amount_paise,
    CASE WHEN r.reverses_id IS NULL THEN 'receipt' ELSE 'reversal' END AS entry
  FROM repayment AS r
  INNER JOIN account AS a ON a.loan_id = r.loan_id
  LEFT JOIN undone AS u ON u.reverses_id = r.repayment_id
  WHERE (r.reverses_id IS NOT NULL OR coalesce(r.status, 'posted') = 'posted' OR u.reverses_id IS NOT NULL)
    AND (a.opening_on IS NULL OR r.paid_on > a.opening_on)
  UNION ALL
  SELECT
    'opening:' || l.loan_id, l.loan_id, l.opening_on, CAST(NULL AS DATE), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR),
    coalesce(l.opening_principal_paid_paise, 0) + coalesce(l.opening_interest_paid_paise, 0), 'opening'
  FROM loan AS l
  INNER JOIN account AS a ON a.loan_id = l.loan_id AND NOT a.opening_apart
  WHERE l.opening_on IS NOT NULL AND coalesce(l.opening_principal_paid_paise, 0) + coalesce(l.opening_interest_paid_paise, 0) > 0
),
before AS (
  -- what stood after the load before
  SELECT
    p.repayment_id, o.loan_id, p.paid_on, p.known_on, p.effective_on, p.amount_paise, p.entry, p.mode, p.officer_id,
    CAST(b.booked_at AS DATE) AS booked_on
  FROM previous_receipt AS p
  INNER JOIN previous_account AS o ON o.loan_key = p.loan_key
  LEFT JOIN previous_repayment AS b ON b.repayment_id = p.repayment_id
  WHERE p.void_on = DATE '9999-12-31'
),
compared AS (
  SELECT
    e.repayment_id AS new_id,
    b.repayment_id AS old_id,
    e.repayment_id IS NOT NULL AND b.repayment_id IS NOT NULL
      AND e.loan_id = b.loan_id AND e.paid_on = b.paid_on AND e.amount_paise = b.amount_paise AND e.entry = b.entry AS same,
    CASE
      WHEN coalesce(e.booked_on, r.booked_on) IS DISTINCT FROM b.booked_on AND coalesce(e.booked_on, r.booked_on) IS NOT NULL THEN coalesce(e.booked_on, r.booked_on)
      ELSE n.as_of
    END AS change_known_on
  FROM entries AS e
  FULL OUTER JOIN before AS b ON b.repayment_id = e.repayment_id
  LEFT JOIN (SELECT x.repayment_id, CAST(x.booked_at AS DATE) AS booked_on FROM repayment AS x) AS r ON r.repayment_id = b.repayment_id
  CROSS JOIN intake_run AS n
  LEFT JOIN quarantined_key AS q ON q.table_name = 'repayment' AND q.record_key = b.repayment_id
  WHERE e.repayment_id IS NOT NULL
    OR (q.record_key IS NULL AND b.loan_id IN (SELECT x.loan_id FROM loan AS x))
),
carried AS (
  -- all older rows; those that the lender took back or changed stop counting on the day that became known
  SELECT
    a.loan_key, p.effective_on,
    CASE WHEN c.old_id IS NOT NULL AND p.void_on = DATE '9999-12-31' THEN greatest(p.effective_on, c.change_known_on) ELSE p.void_on END AS void_on,
    p.amount_paise, p.paid_on, p.known_on, p.repayment_id, p.entry, p.reverses_id, p.mode, p.officer_id
  FROM previous_receipt AS p
  INNER JOIN previous_account AS o ON o.loan_key = p.loan_key
  INNER JOIN account AS a ON a.loan_id = o.loan_id
  LEFT JOIN compared AS c ON c.old_id = p.repayment_id AND NOT c.same
),
fresh AS (
  SELECT
    a.loan_key, e.repayment_id, e.paid_on, e.amount_paise, e.entry, e.reverses_id, e.mode, e.officer_id,
    CASE
      WHEN c.old_id IS NOT NULL THEN c.change_known_on
      WHEN seen.repayment_id IS NOT NULL THEN CASE WHEN e.booked_on IS DISTINCT FROM seen.booked_on THEN coalesce(e.booked_on, n.as_of) ELSE n.as_of END
      WHEN e.booked_on IS NOT NULL THEN e.booked_on
      WHEN n.first_load OR e.entry = 'opening' THEN e.paid_on
      ELSE n.as_of
    END AS known_on
  FROM entries AS e
  INNER JOIN account AS a ON a.loan_id = e.loan_id
  INNER JOIN compared AS c ON c.new_id = e.repayment_id AND NOT c.same
  CROSS JOIN intake_run AS n
  LEFT JOIN (SELECT y.repayment_id, CAST(y.booked_at AS DATE) AS booked_on FROM previous_repayment AS y) AS seen ON seen.repayment_id = e.repayment_id
)
SELECT k.loan_key, k.effective_on, k.void_on, k.amount_paise, k.paid_on, k.known_on, k.repayment_id, k.entry, k.reverses_id, k.mode, k.officer_id
FROM carried AS k
WHERE k.void_on > k.effective_on
UNION ALL
SELECT f.loan_key, greatest(f.paid_on, f.known_on), DATE '9999-12-31', f.amount_paise, f.paid_on, f.known_on, f.repayment_id, f.entry, f.reverses_id, f.mode, f.officer_id
FROM fresh AS f
ORDER BY loan_key, effective_on, repayment_id, void_on
