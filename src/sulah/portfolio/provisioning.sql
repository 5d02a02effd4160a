-- provisioning: the legs of each loan's provision. Banks, SFBs and NBFCs: a rate on the outstanding principal by class and
-- security. NBFC-MFI: 1% of the portfolio, or 50% of instalments overdue more than 90 and less than 180 days plus 100% of
-- those of 180 days and more, per instalment, written-off loans apart; the larger is taken once for the book, in provision_book.
-- Inputs: account, state, position, classification, due, pause_window, policy_provision.
WITH standing AS (
  SELECT p.loan_key, p.loan_id, p.as_of, p.outstanding_principal_paise, c.asset_class, a.secured
  FROM position AS p
  INNER JOIN account AS a ON a.loan_key = p.loan_key
  INNER JOIN classification AS c ON c.loan_key = p.loan_key
),
rates AS (
  -- the rates that a class of a secured or unsecured loan takes, so that loans meet them by equal values
  SELECT k.asset_class, k.secured, p.leg, p.rate_bps, p.rule_id
  FROM (SELECT DISTINCT s.asset_class, s.secured FROM standing AS s) AS k
  INNER JOIN policy_provision AS p ON p.segment = '*' AND p.effective_from <= $as_of AND p.effective_to >= $as_of
    AND ((p.method = 'by_class' AND p.asset_class = k.asset_class AND p.leg IN ('standard', CASE WHEN k.secured THEN 'secured' ELSE 'unsecured' END))
      OR (p.method = 'nbfc_mfi_two_way' AND p.leg = 'portfolio' AND k.asset_class <> 'loss'))
),
whole AS (
  SELECT s.loan_key, s.loan_id, s.as_of, p.leg, s.outstanding_principal_paise AS base_paise, p.rate_bps, p.rule_id
  FROM standing AS s
  INNER JOIN rates AS p ON p.asset_class = s.asset_class AND p.secured = s.secured
  WHERE s.outstanding_principal_paise > 0
),
paused AS (
  -- day-ends of windows that do not count, for each instalment that fell due before they ended
  SELECT d.loan_key, d.number, d.due_on, CAST(sum(date_diff('day', greatest(w.from_on, d.due_on), w.to_on) + 1) AS INTEGER) AS days
  FROM pause_window AS w
  INNER JOIN due AS d ON d.loan_key = w.loan_key AND d.in_force_from <= $as_of AND d.in_force_to > $as_of AND d.due_on <= w.to_on
  GROUP BY d.loan_key, d.number, d.due_on
),
behind AS (
  -- no instalment is older than the oldest unpaid one: only loans where that is old have instalments of these ages
  SELECT s.loan_key, s.loan_id, s.as_of, t.paid_paise
  FROM standing AS s
  INNER JOIN state AS t ON t.loan_key = s.loan_key
  WHERE t.demanded AND date_diff('day', t.unpaid_due_on, CAST($as_of AS DATE)) + 1 > 90 AND s.asset_class <> 'loss'
    AND EXISTS (SELECT 1 FROM policy_provision AS p WHERE p.method = 'nbfc_mfi_two_way' AND p.effective_from <= $as_of AND p.effective_to >= $as_of)
),
unpaid AS (
  SELECT
    s.loan_key, s.loan_id, s.as_of,
    date_diff('day', d.due_on, CAST($as_of AS DATE)) + 1 - coalesce(q.days, 0) AS age_days,
    least(d.principal_paise + d.interest_paise + d.charge_paise, d.cum_due_paise - s.paid_paise) AS unpaid_paise
  FROM behind AS s
  INNER JOIN due AS d ON d.loan_key = s.loan_key AND d.in_force_from <= $as_of AND d.in_force_to > $as_of AND d.cum_due_paise > s.paid_paise
  LEFT JOIN paused AS q ON q.loan_key = d.loan_key AND q.number = d.number AND q.due_on = d.due_on
),
aged AS (
  SELECT
    u.loan_key, u.loan_id, u.as_of,
    CASE WHEN u.age_days >= 180 THEN 'instalments_180' ELSE 'instalments_91_179' END AS leg,
    CAST(sum(u.unpaid_paise) AS BIGINT) AS base_paise
  FROM unpaid AS u
  WHERE u.age_days > 90
  GROUP BY u.loan_key, u.loan_id, u.as_of, CASE WHEN u.age_days >= 180 THEN 'instalments_180' ELSE 'instalments_91_179' END
),
legs AS (
  SELECT w.loan_key, w.loan_id, w.as_of, w.leg, w.base_paise, w.rate_bps, w.rule_id
  FROM whole AS w
  UNION ALL
  SELECT g.loan_key, g.loan_id, g.as_of, g.leg, g.base_paise, p.rate_bps, p.rule_id
  FROM aged AS g
  INNER JOIN policy_provision AS p ON p.leg = g.leg AND p.method = 'nbfc_mfi_two_way' AND p.effective_from <= $as_of AND p.effective_to >= $as_of
)
SELECT
  l.loan_id,
  l.leg,
  l.as_of,
  l.base_paise,
  CAST(l.rate_bps AS INTEGER) AS rate_bps,
  CAST((l.base_paise * l.rate_bps + 5000) // 10000 AS BIGINT) AS provision_paise,
  l.rule_id,
  l.loan_key
FROM legs AS l
ORDER BY l.loan_key, l.leg
