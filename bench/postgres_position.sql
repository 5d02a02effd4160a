-- Position of the day in PostgreSQL's own SQL, as its engineers would write it: one statement over account, due, receipt,
-- pause_window and the two policy tables.  %(as_of)s is the day.  The same meaning as state.sql and position.sql of the day cycle.
CREATE UNLOGGED TABLE position_pg AS
WITH paid AS (
  SELECT r.loan_key, greatest(sum(r.amount_paise), 0)::bigint AS paid_paise, max(r.paid_on) FILTER (WHERE r.amount_paise > 0) AS last_paid_on
  FROM receipt AS r
  WHERE r.effective_on <= %(as_of)s AND r.void_on > %(as_of)s
  GROUP BY r.loan_key
),
schedule AS (
  SELECT
    d.loan_key,
    max(d.cum_due_paise) FILTER (WHERE d.due_on <= %(as_of)s) AS due_paise,
    max(d.cum_principal_paise) FILTER (WHERE d.due_on <= %(as_of)s) AS due_principal_paise,
    max(d.cum_interest_paise) FILTER (WHERE d.due_on <= %(as_of)s) AS due_interest_paise,
    max(d.cum_principal_paise) AS scheduled_principal_paise,
    max(d.cum_due_paise) FILTER (WHERE d.cum_due_paise <= coalesce(p.paid_paise, 0)) AS whole_paise,
    max(d.cum_principal_paise) FILTER (WHERE d.cum_due_paise <= coalesce(p.paid_paise, 0)) AS whole_principal_paise,
    max(d.cum_interest_paise) FILTER (WHERE d.cum_due_paise <= coalesce(p.paid_paise, 0)) AS whole_interest_paise,
    min(d.cum_due_paise) FILTER (WHERE d.cum_due_paise > coalesce(p.paid_paise, 0)) AS next_cum_paise,
    min(d.cum_principal_paise) FILTER (WHERE d.cum_due_paise > coalesce(p.paid_paise, 0)) AS next_principal_paise,
    min(d.cum_interest_paise) FILTER (WHERE d.cum_due_paise > coalesce(p.paid_paise, 0)) AS next_interest_paise,
    min(d.due_on) FILTER (WHERE d.cum_due_paise > coalesce(p.paid_paise, 0)) AS unpaid_due_on,
    min(d.due_on) FILTER (WHERE d.due_on > %(as_of)s) AS next_due_on,
    count(*) FILTER (WHERE d.due_on <= %(as_of)s) AS instalments_due,
    count(*) FILTER (WHERE d.cum_due_paise <= coalesce(p.paid_paise, 0)) AS instalments_settled,
    max(p.paid_paise) AS paid_paise
  FROM due AS d
  LEFT JOIN paid AS p ON p.loan_key = d.loan_key
  WHERE d.in_force_from <= %(as_of)s AND d.in_force_to > %(as_of)s
  GROUP BY d.loan_key
),
opened AS (
  SELECT
    s.loan_key, s.due_paise, s.due_principal_paise, s.due_interest_paise, s.scheduled_principal_paise,
    s.whole_paise, s.whole_principal_paise, s.whole_interest_paise, s.unpaid_due_on, s.next_due_on, s.instalments_due, s.instalments_settled,
    CASE WHEN s.next_cum_paise IS NULL THEN 0 ELSE coalesce(s.paid_paise, 0) - coalesce(s.whole_paise, 0) END AS part_paise,
    coalesce(s.next_principal_paise - coalesce(s.whole_principal_paise, 0), 0) AS open_principal_paise,
    coalesce(s.next_interest_paise - coalesce(s.whole_interest_paise, 0), 0) AS open_interest_paise,
    coalesce(s.next_cum_paise - s.next_principal_paise - s.next_interest_paise
      - (coalesce(s.whole_paise, 0) - coalesce(s.whole_principal_paise, 0) - coalesce(s.whole_interest_paise, 0)), 0) AS open_charge_paise
  FROM schedule AS s
),
settled AS (
  SELECT
    o.loan_key, o.due_paise, o.due_principal_paise, o.due_interest_paise, o.scheduled_principal_paise,
    o.unpaid_due_on, o.next_due_on, o.instalments_due, o.instalments_settled,
    coalesce(o.whole_paise, 0) + o.part_paise AS settled_paise,
    coalesce(o.whole_principal_paise, 0) + greatest(0, least(o.open_principal_paise, o.part_paise
      - CASE WHEN w.interest_place < w.principal_place THEN o.open_interest_paise ELSE 0 END
      - CASE WHEN w.charge_place < w.principal_place THEN o.open_charge_paise ELSE 0 END)) AS settled_principal_paise,
    coalesce(o.whole_interest_paise, 0) + greatest(0, least(o.open_interest_paise, o.part_paise
      - CASE WHEN w.principal_place < w.interest_place THEN o.open_principal_paise ELSE 0 END
      - CASE WHEN w.charge_place < w.interest_place THEN o.open_charge_paise ELSE 0 END)) AS settled_interest_paise
  FROM opened AS o
  CROSS JOIN policy_waterfall AS w
),
stood AS (
  SELECT
    a.loan_key, a.borrower_key, a.loan_id, a.borrower_id, a.product, a.branch_id, a.opening_apart, a.principal_paise,
    coalesce(p.paid_paise, 0) AS paid_paise, p.last_paid_on,
    coalesce(s.due_paise, 0) AS due_paise, coalesce(s.due_principal_paise, 0) AS due_principal_paise,
    coalesce(s.due_interest_paise, 0) AS due_interest_paise, coalesce(s.scheduled_principal_paise, 0) AS scheduled_principal_paise,
    coalesce(s.settled_paise, 0) AS settled_paise, coalesce(s.settled_principal_paise, 0) AS settled_principal_paise,
    coalesce(s.settled_interest_paise, 0) AS settled_interest_paise,
    s.unpaid_due_on, s.next_due_on, coalesce(s.instalments_due, 0) - coalesce(s.instalments_settled, 0) AS instalments_behind,
    a.ended_on IS NULL OR a.ended_on > %(as_of)s AS demanded,
    (a.ended_on IS NULL OR a.ended_on > %(as_of)s) AND coalesce(s.unpaid_due_on <= %(as_of)s, false) AS in_arrears
  FROM account AS a
  LEFT JOIN paid AS p ON p.loan_key = a.loan_key
  LEFT JOIN settled AS s ON s.loan_key = a.loan_key
  WHERE a.disbursed_on <= %(as_of)s
),
paused AS (
  SELECT
    s.loan_key,
    coalesce(sum(w.to_on - CASE WHEN p.pause_rule = 'whole_window' THEN w.from_on ELSE greatest(w.from_on, s.unpaid_due_on) END + 1)
      FILTER (WHERE w.to_on >= s.unpaid_due_on), 0) AS days,
    coalesce(sum(w.to_on - CASE WHEN p.pause_rule = 'whole_window' THEN w.from_on ELSE greatest(w.from_on, s.unpaid_due_on + 1) END + 1)
      FILTER (WHERE w.to_on >= s.unpaid_due_on + 1), 0) AS days_elapsed
  FROM pause_window AS w
  INNER JOIN stood AS s ON s.loan_key = w.loan_key
  CROSS JOIN policy_day_count AS p
  WHERE s.unpaid_due_on <= %(as_of)s
  GROUP BY s.loan_key
)
SELECT
  s.loan_id, s.borrower_id, s.product, s.branch_id, %(as_of)s::date AS as_of,
  CASE
    WHEN NOT s.demanded THEN 0
    WHEN s.opening_apart OR s.scheduled_principal_paise > s.principal_paise THEN s.scheduled_principal_paise - s.settled_principal_paise
    ELSE s.principal_paise - s.settled_principal_paise
  END AS outstanding_principal_paise,
  CASE WHEN s.in_arrears THEN s.due_paise - s.settled_paise ELSE 0 END AS overdue_paise,
  CASE WHEN s.in_arrears THEN s.due_principal_paise - s.settled_principal_paise ELSE 0 END AS overdue_principal_paise,
  CASE WHEN s.in_arrears THEN s.due_interest_paise - s.settled_interest_paise ELSE 0 END AS overdue_interest_paise,
  CASE WHEN s.in_arrears THEN (s.due_paise - s.due_principal_paise - s.due_interest_paise)
    - (s.settled_paise - s.settled_principal_paise - s.settled_interest_paise) ELSE 0 END AS overdue_charge_paise,
  CASE WHEN s.in_arrears THEN s.instalments_behind ELSE 0 END AS instalments_overdue,
  CASE WHEN s.in_arrears THEN s.unpaid_due_on END AS oldest_unpaid_due_on,
  CASE WHEN s.in_arrears THEN greatest(0, %(as_of)s::date - s.unpaid_due_on + 1 - coalesce(q.days, 0)) ELSE 0 END AS dpd,
  CASE WHEN s.in_arrears THEN greatest(0, %(as_of)s::date - s.unpaid_due_on - coalesce(q.days_elapsed, 0)) ELSE 0 END AS dpd_elapsed,
  s.paid_paise, s.settled_paise AS allocated_paise, s.paid_paise - s.settled_paise AS unallocated_paise,
  greatest(0, s.paid_paise - s.due_paise) AS advance_paise, s.last_paid_on,
  CASE WHEN s.demanded THEN s.next_due_on END AS next_due_on, s.loan_key, s.borrower_key
FROM stood AS s
LEFT JOIN paused AS q ON q.loan_key = s.loan_key
