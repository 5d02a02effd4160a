-- book_day: the book of the day by branch, product and class: pages read these rows, never the book.
-- Inputs: account, position, classification. Loans that ended are not in the book.
SELECT
  p.as_of,
  p.branch_id,
  p.product,
  c.bucket,
  c.sma,
  c.asset_class,
  coalesce(a.written_off_on <= $as_of, false) AS written_off,
  CAST(count(p.loan_id) AS INTEGER) AS loans,
  CAST(sum(p.outstanding_principal_paise) AS BIGINT) AS outstanding_principal_paise,
  CAST(sum(p.overdue_paise) AS BIGINT) AS overdue_paise,
  CAST(sum(p.advance_paise) AS BIGINT) AS advance_paise
FROM position AS p
INNER JOIN account AS a ON a.loan_id = p.loan_id
INNER JOIN classification AS c ON c.loan_id = p.loan_id
WHERE a.ended_on IS NULL OR a.ended_on > $as_of
GROUP BY p.as_of, p.branch_id, p.product, c.bucket, c.sma, c.asset_class, coalesce(a.written_off_on <= $as_of, false)
ORDER BY p.branch_id, p.product, c.bucket, c.sma, c.asset_class, coalesce(a.written_off_on <= $as_of, false)
