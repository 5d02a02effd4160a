-- watch: watch periods after a restructuring (ADR 2, point 14): NPA at once; the watch ends on the first day-end at which
-- both hold: so many months since the first instalment due on or after the restructuring, and net receipts since then of
-- so many percent of the principal outstanding at the restructuring. Only restructured loans are read.
-- Inputs: account, due, receipt, policy_restructure, policy_waterfall.
WITH eased AS (
  SELECT a.loan_key, a.borrower_id, a.principal_paise, a.restructured_on, a.restructured_known_on, a.ended_on, p.watch_months, p.repaid_percent, w.principal_place, w.interest_place, w.charge_place
  FROM account AS a
  INNER JOIN policy_restructure AS p ON p.effective_from <= a.restructured_on AND p.effective_to >= a.restructured_on
  INNER JOIN policy_waterfall AS w ON w.effective_from <= a.restructured_on AND w.effective_to >= a.restructured_on
  WHERE a.restructured_on IS NOT NULL AND p.npa_at_once
    AND a.restructured_known_on <= $as_of AND a.restructured_known_on >= a.history_from
    AND (a.ended_on IS NULL OR a.ended_on > a.restructured_known_on)
),
their_receipt AS MATERIALIZED (
  SELECT r.loan_key, r.effective_on, r.void_on, r.paid_on, r.amount_paise
  FROM receipt AS r INNER JOIN eased AS e ON e.loan_key = r.loan_key
  WHERE r.effective_on <= $as_of
),
their_due AS MATERIALIZED (
  SELECT d.loan_key, d.due_on, d.in_force_from, d.in_force_to, d.cum_due_paise, d.cum_principal_paise, d.cum_interest_paise
  FROM due AS d INNER JOIN eased AS e ON e.loan_key = d.loan_key
),
changes AS (
  SELECT r.loan_key, r.effective_on AS on_day, r.paid_on, r.amount_paise AS delta_paise
  FROM their_receipt AS r
  UNION ALL
  SELECT r.loan_key, r.void_on, r.paid_on, -r.amount_paise
  FROM their_receipt AS r
  WHERE r.void_on <= $as_of
),
paid_then AS (
  SELECT e.loan_key, greatest(0, coalesce(CAST(sum(c.delta_paise) AS BIGINT), 0)) AS paid_paise
  FROM eased AS e LEFT JOIN changes AS c ON c.loan_key = e.loan_key AND c.on_day <= e.restructured_on
  GROUP BY e.loan_key
),
schedule_then AS (
  SELECT
    d.loan_key,
    coalesce(max(CASE WHEN d.cum_due_paise <= t.paid_paise THEN d.cum_due_paise END), 0) AS whole_paise,
    coalesce(max(CASE WHEN d.cum_due_paise <= t.paid_paise THEN d.cum_principal_paise END), 0) AS whole_principal_paise,
    coalesce(max(CASE WHEN d.cum_due_paise <= t.paid_paise THEN d.cum_interest_paise END), 0) AS whole_interest_paise,
    min(CASE WHEN d.cum_due_paise > t.paid_paise THEN d.cum_due_paise END) AS next_cum_paise,
    min(CASE WHEN d.cum_due_paise > t.paid_paise THEN d.cum_principal_paise END) AS next_principal_paise,
    min(CASE WHEN d.cum_due_paise > t.paid_paise THEN d.cum_interest_paise END) AS next_interest_paise
  FROM their_due AS d
  INNER JOIN eased AS e ON e.loan_key = d.loan_key
  INNER JOIN paid_then AS t ON t.loan_key = d.loan_key
  WHERE d.in_force_from <= e.restructured_on AND d.in_force_to > e.restructured_on
  GROUP BY d.loan_key
),
outstanding_then AS (
  SELECT
    e.loan_key,
    e.principal_paise - coalesce(s.whole_principal_paise, 0) - coalesce(CASE WHEN s.next_cum_paise IS NULL THEN 0 ELSE greatest(0, least(
      s.next_principal_paise - s.whole_principal_paise,
      t.paid_paise - s.whole_paise
        - CASE WHEN e.interest_place < e.principal_place THEN s.next_interest_paise - s.whole_interest_paise ELSE 0 END
        - CASE WHEN e.charge_place < e.principal_place THEN (s.next_cum_paise - s.whole_paise) - (s.next_principal_paise - s.whole_principal_paise) - (s.next_interest_paise - s.whole_interest_paise) ELSE 0 END
    )) END, 0) AS outstanding_paise
  FROM eased AS e
  INNER JOIN paid_then AS t ON t.loan_key = e.loan_key
  LEFT JOIN schedule_then AS s ON s.loan_key = e.loan_key
),
points AS (
  SELECT e.loan_key, e.restructured_known_on AS on_day FROM eased AS e
  UNION
  SELECT c.loan_key, c.on_day FROM changes AS c INNER JOIN eased AS e ON e.loan_key = c.loan_key WHERE c.on_day > e.restructured_known_on
  UNION
  SELECT d.loan_key, d.in_force_from FROM their_due AS d INNER JOIN eased AS e ON e.loan_key = d.loan_key
  WHERE d.in_force_from > e.restructured_known_on AND d.in_force_from <= $as_of
),
segments AS (
  SELECT p.loan_key, p.on_day AS from_on, coalesce(CAST(lead(p.on_day) OVER (PARTITION BY p.loan_key ORDER BY p.on_day) - INTERVAL 1 DAY AS DATE), CAST($as_of AS DATE)) AS to_on
  FROM points AS p
),
first_due AS (
  SELECT g.loan_key, g.from_on, min(d.due_on) AS due_on
  FROM segments AS g
  INNER JOIN eased AS e ON e.loan_key = g.loan_key
  INNER JOIN their_due AS d ON d.loan_key = g.loan_key AND d.in_force_from <= g.from_on AND d.in_force_to > g.from_on AND d.due_on >= e.restructured_on
  GROUP BY g.loan_key, g.from_on
),
repaid AS (
  -- receipts made after the restructuring, that count on the first day of the segment
  SELECT g.loan_key, g.from_on, coalesce(CAST(sum(c.delta_paise) AS BIGINT), 0) AS paid_paise
  FROM segments AS g
  INNER JOIN eased AS e ON e.loan_key = g.loan_key
  LEFT JOIN changes AS c ON c.loan_key = g.loan_key AND c.on_day <= g.from_on AND c.paid_on > e.restructured_on
  GROUP BY g.loan_key, g.from_on
),
done AS (
  SELECT
    g.loan_key,
    min(greatest(g.from_on, CAST(coalesce(f.due_on, e.restructured_on) + to_months(e.watch_months) AS DATE))) AS done_on
  FROM segments AS g
  INNER JOIN eased AS e ON e.loan_key = g.loan_key
  INNER JOIN outstanding_then AS o ON o.loan_key = g.loan_key
  INNER JOIN repaid AS r ON r.loan_key = g.loan_key AND r.from_on = g.from_on
  LEFT JOIN first_due AS f ON f.loan_key = g.loan_key AND f.from_on = g.from_on
  WHERE r.paid_paise * 100 >= o.outstanding_paise * e.repaid_percent
    AND CAST(coalesce(f.due_on, e.restructured_on) + to_months(e.watch_months) AS DATE) <= g.to_on
  GROUP BY g.loan_key
)
SELECT
  e.loan_key,
  e.borrower_id,
  e.restructured_known_on AS watch_from,
  least(
    CAST($as_of AS DATE),
    coalesce(CAST(d.done_on - INTERVAL 1 DAY AS DATE), CAST($as_of AS DATE)),
    coalesce(CAST(e.ended_on - INTERVAL 1 DAY AS DATE), CAST($as_of AS DATE))
  ) AS watch_to
FROM eased AS e
LEFT JOIN done AS d ON d.loan_key = e.loan_key
ORDER BY e.loan_key
