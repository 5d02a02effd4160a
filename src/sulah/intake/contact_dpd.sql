-- contact_dpd: the lenient figure that contact uses, the lower of ours and the lender's, like with like. Where the schedule
-- contradicts itself, the lender's figure stands. An elapsed count of n is n + 1 day-ends; an elapsed 0 is taken as nothing.
-- Inputs: account, position.
WITH theirs AS (
  SELECT
    a.loan_key, a.schedule_unreliable,
    CASE
      WHEN a.lms_dpd IS NULL THEN NULL
      WHEN a.lms_dpd_count = 'inclusive' OR a.lms_dpd <= 0 THEN greatest(0, a.lms_dpd)
      ELSE a.lms_dpd + 1
    END AS dpd,
    a.extract_on,
    greatest(0, date_diff('day', a.extract_on, CAST($as_of AS DATE))) AS days_on
  FROM account AS a
),
moved AS (
  -- a figure of an older extract moves with the days: arrears that it knew grow, dues since then are ours to count
  SELECT
    t.loan_key, t.schedule_unreliable,
    CASE
      WHEN t.dpd > 0 THEN t.dpd + t.days_on
      WHEN t.dpd = 0 AND p.oldest_unpaid_due_on > t.extract_on THEN p.dpd
      ELSE t.dpd
    END AS dpd
  FROM theirs AS t
  INNER JOIN position AS p ON p.loan_key = t.loan_key
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
  END AS source,
  p.loan_key
FROM position AS p
INNER JOIN moved AS t ON t.loan_key = p.loan_key
ORDER BY t.loan_key
