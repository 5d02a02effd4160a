-- worklist: the plan of every person in working order within a branch: those nearest to NPA first (work there keeps a loan
-- from rolling forward), then NPA by amount, then those nobody may work now.
-- Inputs: treatment.
SELECT
  t.borrower_id,
  CAST(row_number() OVER (
    PARTITION BY t.branch_id
    ORDER BY t.hold_reason IS NOT NULL, t.npa, CASE WHEN t.npa THEN 0 ELSE -t.dpd END, t.overdue_paise DESC, t.borrower_id
  ) AS INTEGER) AS rank,
  t.as_of,
  t.branch_id,
  t.officer_id,
  t.product,
  t.lead_loan_id,
  t.loans_overdue,
  t.dpd,
  t.overdue_paise,
  t.stage,
  t.treatment,
  t.channel,
  t.worked_by,
  t.hold_reason,
  t.rule_id
FROM treatment AS t
ORDER BY t.branch_id, rank
