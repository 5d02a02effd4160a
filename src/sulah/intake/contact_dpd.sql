-- contact_dpd: the lenient figure that contact uses, the lower of ours and the lender's, like with like. Where the schedule
-- contradicts itself, the lender's figure stands. An elapsed count of n is n + 1 day-ends; an elapsed 0 is taken as nothing.
-- Inputs: account, position.
WITH theirs AS (
  SELECT
    a.loan_key, a.loan_id, a.schedule_unreliable,
    CASE
      WHEN a.lms_dpd IS NULL THEN NULL
      WHEN a.lms_dpd_count = 'inclusive' OR a.lms_dpd <= 0 THEN greatest(0, a.lms_dpd)
      ELSE a.lms_dpd + 1
    END AS dpd
  FROM account AS a
)
SELECT
  p.loan_id,
  p.borrower_id,
  p.as_of,
  CAST(CASE
    WHEN t.dpd IS NULL THEN p.dpd
    WHEN t.schedule_unreliable THEN t.dpd
    ELSE least(p.dpd, t.dpd)
  END AS INTEGER) AS dpd,
  CASE
    WHEN t.dpd IS NULL THEN 'ours'
    WHEN t.dpd = p.dpd THEN 'equal'
    WHEN t.schedule_unreliable OR t.dpd < p.dpd THEN 'lender'
    ELSE 'ours'
  END AS source
FROM position AS p
INNER JOIN theirs AS t ON t.loan_id = p.loan_id
ORDER BY t.loan_key
