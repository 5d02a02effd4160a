-- settlement: which rupee settled what, for the loans in `asked`: each receipt that counts on the day covers a stretch of the
-- running total of dues, and inside an instalment a stretch of its heads in waterfall order. Its sum per loan is
-- state.settled_paise. What a reversal undid is taken from the receipt that it names.
-- Inputs: asked, due, receipt, state, policy_waterfall.
WITH net AS (
  SELECT r.loan_key, r.repayment_id, r.entry, r.effective_on, r.paid_on, r.amount_paise, r.reverses_id
  FROM receipt AS r
  INNER JOIN asked AS k ON k.loan_key = r.loan_key
  WHERE r.effective_on <= $as_of AND r.void_on > $as_of
),
taken AS (
  SELECT n.loan_key, CAST(sum(n.amount_paise) AS BIGINT) AS paid_paise
  FROM net AS n
  GROUP BY n.loan_key
),
standing AS (
  SELECT
    n.loan_key, n.repayment_id, n.entry, n.effective_on, n.paid_on,
    greatest(0, n.amount_paise + coalesce(u.undone_paise, 0)) AS amount_paise
  FROM net AS n
  LEFT JOIN (
    SELECT x.loan_key, x.reverses_id, CAST(sum(x.amount_paise) AS BIGINT) AS undone_paise
    FROM net AS x
    WHERE x.entry = 'reversal'
    GROUP BY x.loan_key, x.reverses_id
  ) AS u ON u.loan_key = n.loan_key AND u.reverses_id = n.repayment_id
  WHERE n.amount_paise > 0
),
poured AS (
  SELECT
    n.loan_key, n.repayment_id, n.entry, n.effective_on, n.paid_on,
    CAST(sum(n.amount_paise) OVER (PARTITION BY n.loan_key ORDER BY n.effective_on, n.paid_on, n.repayment_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) - n.amount_paise AS from_paise,
    CAST(sum(n.amount_paise) OVER (PARTITION BY n.loan_key ORDER BY n.effective_on, n.paid_on, n.repayment_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS to_paise
  FROM standing AS n
),
kept AS (
  SELECT p.loan_key, p.repayment_id, p.entry, p.effective_on, p.paid_on, p.from_paise, least(p.to_paise, greatest(0, t.paid_paise)) AS to_paise
  FROM poured AS p
  INNER JOIN taken AS t ON t.loan_key = p.loan_key
  WHERE p.from_paise < t.paid_paise
),
headed AS (
  SELECT
    d.loan_key, d.number, d.due_on, h.head, h.amount_paise,
    d.cum_due_paise - (d.principal_paise + d.interest_paise + d.charge_paise)
      + CASE WHEN w.principal_place < h.place THEN d.principal_paise ELSE 0 END
      + CASE WHEN w.interest_place < h.place THEN d.interest_paise ELSE 0 END
      + CASE WHEN w.charge_place < h.place THEN d.charge_paise ELSE 0 END AS from_paise
  FROM due AS d
  INNER JOIN asked AS k ON k.loan_key = d.loan_key
  INNER JOIN policy_waterfall AS w ON w.effective_from <= $as_of AND w.effective_to >= $as_of
  CROSS JOIN LATERAL (VALUES ('principal', d.principal_paise, w.principal_place), ('interest', d.interest_paise, w.interest_place), ('charge', d.charge_paise, w.charge_place)) AS h (head, amount_paise, place)
  WHERE d.in_force_from <= $as_of AND d.in_force_to > $as_of AND h.amount_paise > 0
)
SELECT
  r.loan_key, r.repayment_id, r.effective_on, r.paid_on, r.entry, h.number, h.due_on, h.head,
  CAST(least(r.to_paise, h.from_paise + h.amount_paise) - greatest(r.from_paise, h.from_paise) AS BIGINT) AS amount_paise
FROM kept AS r
INNER JOIN headed AS h ON h.loan_key = r.loan_key AND h.from_paise < r.to_paise AND h.from_paise + h.amount_paise > r.from_paise
ORDER BY r.loan_key, r.effective_on, r.paid_on, r.repayment_id, h.due_on, h.number, h.from_paise
