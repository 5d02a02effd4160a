-- borrower_day: worst dpd of a borrower's loans, and whether anything keeps the borrower from being clear.
-- Inputs: account, state, position, watch. ADR 2, points 11, 12, 14.
WITH watched AS (
  SELECT
    w.borrower_id,
    bool_or(w.watch_to >= $as_of) AS runs,
    bool_or(w.watch_from = $as_of) AS begins
  FROM watch AS w
  GROUP BY w.borrower_id
)
SELECT
  p.borrower_id,
  max(p.dpd) AS borrower_dpd,
  bool_or(p.oldest_unpaid_due_on IS NOT NULL) AS arrears,
  coalesce(bool_or(w.runs), false) AS watched,
  coalesce(bool_or(w.begins), false) AS restructured
FROM position AS p
LEFT JOIN watched AS w ON w.borrower_id = p.borrower_id
GROUP BY p.borrower_id
ORDER BY p.borrower_id
