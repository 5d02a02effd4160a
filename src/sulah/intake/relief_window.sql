-- relief_window: windows of relief per loan, as given; dpd leaves out the day-ends of those that do not count (ADR 2, point 9).
-- A moratorium on the loan itself stops the count only where the day-count policy says so.
-- Inputs: relief, account, policy_day_count, previous_relief_window, previous_account, intake_run.
WITH given AS (
  SELECT a.loan_key, a.loan_id, r.kind, r.from_on, coalesce(r.to_on, DATE '9999-12-31') AS to_on, coalesce(r.counts, true) AS counts
  FROM relief AS r
  INNER JOIN account AS a ON a.borrower_id = r.borrower_id
  WHERE r.borrower_id IS NOT NULL
  UNION ALL
  SELECT a.loan_key, a.loan_id, r.kind, r.from_on, coalesce(r.to_on, DATE '9999-12-31'), coalesce(r.counts, true)
  FROM relief AS r
  INNER JOIN account AS a ON a.pincode = r.pincode
  WHERE r.borrower_id IS NULL
  UNION ALL
  SELECT a.loan_key, a.loan_id, 'moratorium', a.moratorium_from, coalesce(a.moratorium_to, DATE '9999-12-31'), coalesce(p.moratorium_counts, true)
  FROM account AS a
  LEFT JOIN policy_day_count AS p ON a.moratorium_from BETWEEN p.effective_from AND p.effective_to
  WHERE a.moratorium_from IS NOT NULL
),
known AS (
  SELECT o.loan_id, w.kind, w.from_on, min(w.known_on) AS known_on
  FROM previous_relief_window AS w
  INNER JOIN previous_account AS o ON o.loan_key = w.loan_key
  GROUP BY o.loan_id, w.kind, w.from_on
)
SELECT
  g.loan_key, g.kind, g.from_on, g.to_on, g.counts,
  max(coalesce(k.known_on, CASE WHEN n.first_load THEN g.from_on ELSE n.as_of END)) AS known_on
FROM given AS g
CROSS JOIN intake_run AS n
LEFT JOIN known AS k ON k.loan_id = g.loan_id AND k.kind = g.kind AND k.from_on = g.from_on
GROUP BY g.loan_key, g.kind, g.from_on, g.to_on, g.counts
ORDER BY g.loan_key, g.kind, g.from_on, g.to_on, g.counts
