-- payment_match: payments as other sources know them (gateway, agency, field, bank) against the lender's postings.
-- The k-th payment of a source on a loan, date and amount meets the k-th posting; what is left meets a posting of the same
-- amount within three days (a weekly instalment is never taken for the next), then one within three days whose amount differs. A payment with no
-- posting left of a kind that did meet one is a duplicate; the rest are orphans.
-- Only postings that a payment could meet are numbered: those of its loan, from three days before its first payment to three after its last.
-- Inputs: collection, repayment, account.
WITH told AS (
  SELECT c.loan_id, min(c.paid_on) AS first_on, max(c.paid_on) AS last_on
  FROM collection AS c
  WHERE c.paid_on <= $as_of
  GROUP BY c.loan_id
),
postings AS (
  SELECT
    r.repayment_id, r.loan_id, r.paid_on, r.amount_paise,
    row_number() OVER (PARTITION BY r.loan_id, r.paid_on, r.amount_paise ORDER BY r.repayment_id) AS k
  FROM repayment AS r
  INNER JOIN told AS t ON t.loan_id = r.loan_id AND r.paid_on BETWEEN t.first_on - 3 AND t.last_on + 3
  LEFT JOIN (
    SELECT DISTINCT u.reverses_id FROM repayment AS u WHERE u.reverses_id IS NOT NULL AND u.paid_on <= $as_of
  ) AS v ON v.reverses_id = r.repayment_id
  WHERE r.reverses_id IS NULL AND r.paid_on <= $as_of AND coalesce(r.status, 'posted') = 'posted' AND v.reverses_id IS NULL
),
payments AS (
  SELECT
    c.source, c.reference, c.loan_id, c.paid_on, c.amount_paise,
    row_number() OVER (PARTITION BY c.source, c.loan_id, c.paid_on, c.amount_paise ORDER BY c.reference) AS k
  FROM collection AS c
  WHERE c.paid_on <= $as_of
),
exact AS (
  SELECT p.source, p.reference, p.loan_id, q.repayment_id
  FROM payments AS p
  INNER JOIN postings AS q ON q.loan_id = p.loan_id AND q.paid_on = p.paid_on AND q.amount_paise = p.amount_paise AND q.k = p.k
),
left_over AS (
  SELECT p.source, p.reference, p.loan_id, p.paid_on, p.amount_paise, p.k
  FROM payments AS p
  LEFT JOIN exact AS e ON e.source = p.source AND e.reference = p.reference AND e.loan_id = p.loan_id
  WHERE e.repayment_id IS NULL
),
near AS (
  SELECT
    p.source, p.reference, p.loan_id, q.repayment_id,
    CASE WHEN q.amount_paise = p.amount_paise THEN 'date_differs' ELSE 'amount_differs' END AS outcome,
    row_number() OVER (PARTITION BY p.source, p.reference, p.loan_id ORDER BY CASE WHEN q.amount_paise = p.amount_paise THEN 0 ELSE 1 END, abs(date_diff('day', p.paid_on, q.paid_on)), abs(q.amount_paise - p.amount_paise), q.repayment_id) AS place,
    row_number() OVER (PARTITION BY p.source, q.repayment_id ORDER BY CASE WHEN q.amount_paise = p.amount_paise THEN 0 ELSE 1 END, abs(date_diff('day', p.paid_on, q.paid_on)), abs(q.amount_paise - p.amount_paise), p.reference) AS turn
  FROM left_over AS p
  INNER JOIN postings AS q ON q.loan_id = p.loan_id
    AND ((q.amount_paise = p.amount_paise AND abs(date_diff('day', p.paid_on, q.paid_on)) BETWEEN 1 AND 3)
      OR (q.amount_paise <> p.amount_paise AND abs(date_diff('day', p.paid_on, q.paid_on)) <= 3))
  LEFT JOIN exact AS e ON e.source = p.source AND e.repayment_id = q.repayment_id
  WHERE e.repayment_id IS NULL
),
met AS (
  SELECT e.source, e.reference, e.loan_id, e.repayment_id, 'matched' AS outcome FROM exact AS e
  UNION ALL
  SELECT n.source, n.reference, n.loan_id, n.repayment_id, n.outcome FROM near AS n WHERE n.place = 1 AND n.turn = 1
)
SELECT
  p.source,
  p.reference,
  p.loan_id,
  p.paid_on,
  p.amount_paise,
  CASE
    WHEN m.outcome IS NOT NULL THEN m.outcome
    WHEN p.k > 1 AND EXISTS (SELECT 1 FROM exact AS e WHERE e.source = p.source AND e.loan_id = p.loan_id) THEN 'duplicate'
    ELSE 'orphan'
  END AS outcome,
  m.repayment_id,
  q.paid_on AS posted_on,
  q.amount_paise AS posted_paise,
  a.branch_id,
  a.pincode
FROM payments AS p
LEFT JOIN met AS m ON m.source = p.source AND m.reference = p.reference AND m.loan_id = p.loan_id
LEFT JOIN postings AS q ON q.repayment_id = m.repayment_id
LEFT JOIN account AS a ON a.loan_id = p.loan_id
ORDER BY p.source, p.reference, p.loan_id
