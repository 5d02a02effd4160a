-- book_day: the book of the day by branch, product and class: pages read these rows, never the book.
-- Inputs: loan_day. Loans that ended are not in the book.
SELECT
  CAST($as_of AS DATE) AS as_of,
  l.branch_id,
  l.product,
  l.bucket,
  l.sma,
  l.asset_class,
  l.place = 'written_off' AS written_off,
  CAST(count(l.loan_id) AS INTEGER) AS loans,
  CAST(sum(l.principal_paise) AS BIGINT) AS outstanding_principal_paise,
  CAST(sum(l.overdue_paise) AS BIGINT) AS overdue_paise,
  CAST(sum(l.advance_paise) AS BIGINT) AS advance_paise
FROM loan_day AS l
WHERE l.place <> 'closed'
GROUP BY l.branch_id, l.product, l.bucket, l.sma, l.asset_class, l.place = 'written_off'
ORDER BY l.branch_id, l.product, l.bucket, l.sma, l.asset_class, l.place = 'written_off'
