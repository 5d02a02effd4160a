-- asset_memory, one day on: the increment of asset_memory.sql when the day before was committed. NPA begins when the
-- borrower's dpd passes the limit in force or a restructuring begins to count; it ends when nothing is in arrears on any
-- of their loans and no watch runs (RBI/2021-22/125: full arrears on all facilities). ADR 2, points 11-15, 17.
-- Inputs: borrower_day, account, previous_day, previous.asset_memory, policy_asset_limit.
WITH seeds AS (
  SELECT a.borrower_id, min(a.lms_npa_on) AS npa_on
  FROM account AS a
  WHERE a.opening_on IS NOT NULL AND a.lms_npa_on <= a.opening_on AND a.history_from <= $as_of
    AND (a.history_from = $as_of OR a.first_seen_on > (SELECT max(p.load_as_of) FROM previous_day AS p))
  GROUP BY a.borrower_id
),
judged AS (
  SELECT
    b.borrower_id, m.npa_on, m.upgraded_on, m.cause, e.npa_on AS seed_on,
    b.borrower_dpd > (SELECT max(p.dpd_to) FROM policy_asset_limit AS p WHERE p.class = 'sma_2' AND p.effective_from <= $as_of AND p.effective_to >= $as_of) AS past_limit,
    b.restructured OR b.watched AS restructured,
    b.arrears OR b.watched AS blocked
  FROM borrower_day AS b
  LEFT JOIN previous.asset_memory AS m ON m.borrower_id = b.borrower_id
  LEFT JOIN seeds AS e ON e.borrower_id = b.borrower_id
)
SELECT
  j.borrower_id,
  CASE
    WHEN j.npa_on IS NOT NULL AND (j.blocked OR j.seed_on IS NOT NULL) THEN j.npa_on
    WHEN j.npa_on IS NOT NULL THEN NULL
    WHEN j.seed_on IS NOT NULL THEN j.seed_on
    WHEN j.past_limit OR j.restructured THEN CAST($as_of AS DATE)
  END AS npa_on,
  CASE
    WHEN j.npa_on IS NOT NULL AND NOT j.blocked AND j.seed_on IS NULL THEN CAST($as_of AS DATE)
    WHEN j.npa_on IS NOT NULL OR j.seed_on IS NOT NULL OR j.past_limit OR j.restructured THEN NULL
    ELSE j.upgraded_on
  END AS upgraded_on,
  CASE
    WHEN j.npa_on IS NOT NULL THEN j.cause
    WHEN j.seed_on IS NOT NULL THEN 'lender'
    WHEN j.restructured THEN 'restructured'
    WHEN j.past_limit THEN 'dpd'
    ELSE j.cause
  END AS cause
FROM judged AS j
WHERE j.npa_on IS NOT NULL OR j.upgraded_on IS NOT NULL OR j.seed_on IS NOT NULL OR j.past_limit OR j.restructured
ORDER BY j.borrower_id
