-- borrower_day: worst dpd of a borrower's loans, and whether anything keeps the borrower from being clear.
-- Inputs: account, state, position, watch. ADR 2, points 11, 12, 14.
WITH watched AS (
  SELECT
    a.borrower_key,
    bool_or(w.watch_to >= $as_of) AS runs,
    bool_or(w.watch_from = $as_of) AS begins
  FROM watch AS w
  INNER JOIN account AS a ON a.loan_key = w.loan_key
  GROUP BY a.borrower_key
)
SELECT
  min(p.borrower_id) AS borrower_id,
  max(p.dpd) AS borrower_dpd,
  bool_or(p.oldest_unpaid_due_on IS NOT NULL) AS arrears,
  coalesce(bool_or(w.runs), false) AS watched,
  coalesce(bool_or(w.begins), false) AS restructured,
  p.borrower_key
FROM position AS p
LEFT JOIN watched AS w ON w.borrower_key = p.borrower_key
GROUP BY p.borrower_key
ORDER BY p.borrower_key
