-- worklist: the plan of every person in working order within a branch: those nearest to NPA first (work there keeps a loan
-- from rolling forward), then NPA by amount, then those nobody may work now. work_order says the same as digits that stay as
-- they are while nothing happens (a date for the days, the amount), so that a day publishes only what changed; rank counts them.
-- Inputs: treatment.
WITH placed AS (
  SELECT
    t.borrower_id, t.as_of, t.branch_id, t.officer_id, t.product, t.lead_loan_id, t.loans_overdue, t.dpd, t.overdue_paise,
    t.stage, t.treatment, t.channel, t.worked_by, t.hold_reason, t.rule_id,
    CAST(t.as_of + to_days(CAST(1 - t.dpd AS INTEGER)) AS DATE) AS overdue_since,
    CASE WHEN t.hold_reason IS NOT NULL THEN 2 ELSE 0 END + CASE WHEN t.npa THEN 1 ELSE 0 END AS lane,
    t.npa
  FROM treatment AS t
),
ordered AS (
  SELECT
    p.borrower_id, p.as_of, p.branch_id, p.officer_id, p.product, p.lead_loan_id, p.loans_overdue, p.dpd, p.overdue_since, p.overdue_paise,
    p.stage, p.treatment, p.channel, p.worked_by, p.hold_reason, p.rule_id,
    CAST(p.lane AS VARCHAR)
      || CASE WHEN p.npa THEN '00000000' ELSE replace(CAST(p.overdue_since AS VARCHAR), '-', '') END
      || right('0000000000000' || CAST(greatest(0, 9999999999999 - p.overdue_paise) AS VARCHAR), 13) AS work_order
  FROM placed AS p
)
SELECT
  o.borrower_id,
  CAST(row_number() OVER (PARTITION BY o.branch_id ORDER BY o.work_order, o.borrower_id) AS INTEGER) AS rank,
  o.work_order,
  o.as_of,
  o.branch_id,
  o.officer_id,
  o.product,
  o.lead_loan_id,
  o.loans_overdue,
  o.dpd,
  o.overdue_since,
  o.overdue_paise,
  o.stage,
  o.treatment,
  o.channel,
  o.worked_by,
  o.hold_reason,
  o.rule_id
FROM ordered AS o
ORDER BY o.branch_id, rank
