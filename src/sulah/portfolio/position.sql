-- position: state seen on a date. dpd counts day-ends from the oldest unpaid due date, that date being day 1
-- (RBI/2021-22/125), less day-ends inside windows that do not count. Nothing is demanded of loans that ended.
-- Inputs: account, state, pause_window, policy_day_count. ADR 2, points 8-10.
WITH paused AS (
  SELECT
    s.loan_key,
    CAST(sum(CASE WHEN w.to_on >= s.unpaid_due_on THEN date_diff('day', CASE WHEN p.pause_rule = 'whole_window' THEN w.from_on ELSE greatest(w.from_on, s.unpaid_due_on) END, w.to_on) + 1 ELSE 0 END) AS INTEGER) AS days,
    CAST(sum(CASE WHEN w.to_on >= CAST(s.unpaid_due_on + INTERVAL 1 DAY AS DATE) THEN date_diff('day', CASE WHEN p.pause_rule = 'whole_window' THEN w.from_on ELSE greatest(w.from_on, CAST(s.unpaid_due_on + INTERVAL 1 DAY AS DATE)) END, w.to_on) + 1 ELSE 0 END) AS INTEGER) AS days_elapsed
  FROM pause_window AS w
  INNER JOIN state AS s ON s.loan_key = w.loan_key
  CROSS JOIN policy_day_count AS p
  WHERE s.unpaid_due_on <= $as_of AND p.effective_from <= $as_of AND p.effective_to >= $as_of
  GROUP BY s.loan_key
),
aged AS (
  SELECT
    s.loan_key,
    s.demanded AND coalesce(s.unpaid_due_on <= $as_of, false) AS in_arrears,
    coalesce(q.days, 0) AS paused_days,
    coalesce(q.days_elapsed, 0) AS paused_days_elapsed
  FROM state AS s
  LEFT JOIN paused AS q ON q.loan_key = s.loan_key
)
SELECT
  a.loan_id,
  a.borrower_id,
  a.product,
  a.branch_id,
  CAST($as_of AS DATE) AS as_of,
  -- a schedule that covers only the rest, or to which a re-schedule added principal, says what is outstanding itself
  CASE
    WHEN NOT s.demanded THEN 0
    WHEN a.opening_apart OR s.scheduled_principal_paise > a.principal_paise THEN s.scheduled_principal_paise - s.settled_principal_paise
    ELSE a.principal_paise - s.settled_principal_paise
  END AS outstanding_principal_paise,
  CASE WHEN g.in_arrears THEN s.due_paise - s.settled_paise ELSE 0 END AS overdue_paise,
  CASE WHEN g.in_arrears THEN s.due_principal_paise - s.settled_principal_paise ELSE 0 END AS overdue_principal_paise,
  CASE WHEN g.in_arrears THEN s.due_interest_paise - s.settled_interest_paise ELSE 0 END AS overdue_interest_paise,
  CASE WHEN g.in_arrears THEN (s.due_paise - s.due_principal_paise - s.due_interest_paise)
    - (s.settled_paise - s.settled_principal_paise - s.settled_interest_paise) ELSE 0 END AS overdue_charge_paise,
  CASE WHEN g.in_arrears THEN s.instalments_due - s.instalments_settled ELSE 0 END AS instalments_overdue,
  CASE WHEN g.in_arrears THEN s.unpaid_due_on END AS oldest_unpaid_due_on,
  CAST(CASE WHEN g.in_arrears THEN greatest(0, date_diff('day', s.unpaid_due_on, CAST($as_of AS DATE)) + 1 - g.paused_days) ELSE 0 END AS INTEGER) AS dpd,
  CAST(CASE WHEN g.in_arrears THEN greatest(0, date_diff('day', s.unpaid_due_on, CAST($as_of AS DATE)) - g.paused_days_elapsed) ELSE 0 END AS INTEGER) AS dpd_elapsed,
  s.paid_paise,
  s.settled_paise AS allocated_paise,
  s.paid_paise - s.settled_paise AS unallocated_paise,
  greatest(0, s.paid_paise - s.due_paise) AS advance_paise,
  s.last_paid_on,
  CASE WHEN s.demanded THEN s.next_due_on END AS next_due_on,
  s.loan_key,
  a.borrower_key
FROM state AS s
INNER JOIN account AS a ON a.loan_key = s.loan_key
INNER JOIN aged AS g ON g.loan_key = s.loan_key
ORDER BY s.loan_key
