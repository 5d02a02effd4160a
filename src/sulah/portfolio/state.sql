-- state: per loan, what changes only when something happens. One pass over the dues in force and the receipts that count.
-- Running totals never fall along the schedule, so max and min over "settled" and "not settled" rows find the partly
-- settled instalment without a window. Inside it the heads are settled in the order of the waterfall policy.
-- Only stale loans are worked out; the rows of the others are yesterday's, which next_change_on says are still right.
-- Inputs: account, due, receipt, stale, policy_waterfall, previous.state. ADR 2, points 5-10.
WITH paid AS (
  SELECT
    r.loan_key,
    greatest(CAST(sum(r.amount_paise) AS BIGINT), 0) AS paid_paise,
    max(CASE WHEN r.amount_paise > 0 THEN r.paid_on END) AS last_paid_on
  FROM receipt AS r
  INNER JOIN stale AS f ON f.loan_key = r.loan_key
  WHERE r.effective_on <= $as_of AND r.void_on > $as_of
  GROUP BY r.loan_key
),
coming AS (
  -- the next day on which a receipt known by now begins or ceases to count
  SELECT c.loan_key, min(c.on_day) AS on_day
  FROM (
    SELECT r.loan_key, r.effective_on AS on_day FROM receipt AS r WHERE r.effective_on > $as_of
    UNION ALL
    SELECT r.loan_key, r.void_on FROM receipt AS r WHERE r.void_on > $as_of AND r.void_on < DATE '9999-12-31'
  ) AS c
  GROUP BY c.loan_key
),
schedule AS (
  SELECT
    d.loan_key,
    max(CASE WHEN d.due_on <= $as_of THEN d.cum_due_paise END) AS due_paise,
    max(CASE WHEN d.due_on <= $as_of THEN d.cum_principal_paise END) AS due_principal_paise,
    max(CASE WHEN d.due_on <= $as_of THEN d.cum_interest_paise END) AS due_interest_paise,
    max(d.cum_due_paise) AS scheduled_paise,
    max(d.cum_principal_paise) AS scheduled_principal_paise,
    max(CASE WHEN d.cum_due_paise <= coalesce(p.paid_paise, 0) THEN d.cum_due_paise END) AS whole_paise,
    max(CASE WHEN d.cum_due_paise <= coalesce(p.paid_paise, 0) THEN d.cum_principal_paise END) AS whole_principal_paise,
    max(CASE WHEN d.cum_due_paise <= coalesce(p.paid_paise, 0) THEN d.cum_interest_paise END) AS whole_interest_paise,
    min(CASE WHEN d.cum_due_paise > coalesce(p.paid_paise, 0) THEN d.cum_due_paise END) AS next_cum_paise,
    min(CASE WHEN d.cum_due_paise > coalesce(p.paid_paise, 0) THEN d.cum_principal_paise END) AS next_principal_paise,
    min(CASE WHEN d.cum_due_paise > coalesce(p.paid_paise, 0) THEN d.cum_interest_paise END) AS next_interest_paise,
    min(CASE WHEN d.cum_due_paise > coalesce(p.paid_paise, 0) THEN d.due_on END) AS unpaid_due_on,
    min(CASE WHEN d.due_on > $as_of THEN d.due_on END) AS next_due_on,
    min(d.in_force_to) AS in_force_to,
    CAST(count(CASE WHEN d.due_on <= $as_of THEN 1 END) AS INTEGER) AS instalments_due,
    CAST(count(CASE WHEN d.cum_due_paise <= coalesce(p.paid_paise, 0) THEN 1 END) AS INTEGER) AS instalments_settled,
    max(p.paid_paise) AS paid_paise
  FROM due AS d
  INNER JOIN stale AS f ON f.loan_key = d.loan_key
  LEFT JOIN paid AS p ON p.loan_key = d.loan_key
  WHERE d.in_force_from <= $as_of AND d.in_force_to > $as_of
  GROUP BY d.loan_key
),
opened AS (
  -- what lies in the partly settled instalment, and the heads of that instalment
  SELECT
    s.loan_key,
    CASE WHEN s.next_cum_paise IS NULL THEN 0 ELSE coalesce(s.paid_paise, 0) - coalesce(s.whole_paise, 0) END AS part_paise,
    coalesce(s.next_principal_paise - coalesce(s.whole_principal_paise, 0), 0) AS principal_paise,
    coalesce(s.next_interest_paise - coalesce(s.whole_interest_paise, 0), 0) AS interest_paise,
    coalesce(s.next_cum_paise - s.next_principal_paise - s.next_interest_paise
      - (coalesce(s.whole_paise, 0) - coalesce(s.whole_principal_paise, 0) - coalesce(s.whole_interest_paise, 0)), 0) AS charge_paise
  FROM schedule AS s
),
parted AS (
  SELECT
    o.loan_key,
    o.part_paise,
    greatest(0, least(o.principal_paise, o.part_paise
      - CASE WHEN w.interest_place < w.principal_place THEN o.interest_paise ELSE 0 END
      - CASE WHEN w.charge_place < w.principal_place THEN o.charge_paise ELSE 0 END)) AS principal_paise,
    greatest(0, least(o.interest_paise, o.part_paise
      - CASE WHEN w.principal_place < w.interest_place THEN o.principal_paise ELSE 0 END
      - CASE WHEN w.charge_place < w.interest_place THEN o.charge_paise ELSE 0 END)) AS interest_paise
  FROM opened AS o
  CROSS JOIN policy_waterfall AS w
  WHERE w.effective_from <= $as_of AND w.effective_to >= $as_of
)
SELECT
  a.loan_key,
  a.borrower_key,
  coalesce(p.paid_paise, 0) AS paid_paise,
  p.last_paid_on,
  coalesce(s.due_paise, 0) AS due_paise,
  coalesce(s.due_principal_paise, 0) AS due_principal_paise,
  coalesce(s.due_interest_paise, 0) AS due_interest_paise,
  coalesce(s.scheduled_paise, 0) AS scheduled_paise,
  coalesce(s.scheduled_principal_paise, 0) AS scheduled_principal_paise,
  coalesce(s.whole_paise, 0) + coalesce(t.part_paise, 0) AS settled_paise,
  coalesce(s.whole_principal_paise, 0) + coalesce(t.principal_paise, 0) AS settled_principal_paise,
  coalesce(s.whole_interest_paise, 0) + coalesce(t.interest_paise, 0) AS settled_interest_paise,
  s.unpaid_due_on,
  coalesce(s.instalments_due, 0) AS instalments_due,
  coalesce(s.instalments_settled, 0) AS instalments_settled,
  s.next_due_on,
  a.ended_on IS NULL OR a.ended_on > $as_of AS demanded,
  -- the day after, where no schedule is in force yet: nobody knows when one begins
  least(
    s.next_due_on,
    CASE WHEN s.loan_key IS NULL THEN CAST($as_of + INTERVAL 1 DAY AS DATE) WHEN s.in_force_to < DATE '9999-12-31' THEN s.in_force_to END,
    c.on_day,
    CASE WHEN a.ended_on > $as_of THEN a.ended_on END
  ) AS next_change_on
FROM account AS a
INNER JOIN stale AS f ON f.loan_key = a.loan_key
LEFT JOIN paid AS p ON p.loan_key = a.loan_key
LEFT JOIN schedule AS s ON s.loan_key = a.loan_key
LEFT JOIN parted AS t ON t.loan_key = a.loan_key
LEFT JOIN coming AS c ON c.loan_key = a.loan_key
WHERE a.disbursed_on <= $as_of
UNION ALL
SELECT
  y.loan_key, y.borrower_key, y.paid_paise, y.last_paid_on, y.due_paise, y.due_principal_paise, y.due_interest_paise, y.scheduled_paise,
  y.scheduled_principal_paise, y.settled_paise, y.settled_principal_paise, y.settled_interest_paise, y.unpaid_due_on, y.instalments_due,
  y.instalments_settled, y.next_due_on, y.demanded, y.next_change_on
FROM previous.state AS y
INNER JOIN account AS a ON a.loan_key = y.loan_key
LEFT JOIN stale AS f ON f.loan_key = y.loan_key
WHERE f.loan_key IS NULL
ORDER BY loan_key
