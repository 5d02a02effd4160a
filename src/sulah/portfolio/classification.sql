-- classification: bucket by the loan's own dpd; SMA, NPA and asset class by the borrower. A written-off loan is loss.
-- Inputs: account, position, borrower_day, asset_memory, policy_bucket, policy_asset_limit, policy_asset_age.
WITH remembered AS (
  SELECT
    a.loan_key, a.ended_on IS NULL OR a.ended_on > $as_of AS demanded,
    coalesce(a.written_off_on <= $as_of, false) AS written_off,
    CASE WHEN m.npa_on IS NOT NULL AND (a.ended_on IS NULL OR a.ended_on > $as_of) THEN greatest(m.npa_on, a.disbursed_on) END AS npa_on,
    CASE WHEN a.disbursed_on < m.upgraded_on AND (a.ended_on IS NULL OR a.ended_on > $as_of) THEN m.upgraded_on END AS upgraded_on
  FROM account AS a
  LEFT JOIN asset_memory AS m ON m.borrower_id = a.borrower_id
  WHERE a.disbursed_on <= $as_of
),
dated AS (
  SELECT
    r.loan_key, r.demanded, r.written_off, r.npa_on, r.upgraded_on,
    CAST((year(CAST($as_of AS DATE)) - year(r.npa_on)) * 12 + month(CAST($as_of AS DATE)) - month(r.npa_on)
      -- a month is whole on its last day too, when that comes before the day of the month counted from
      - CASE WHEN day(CAST($as_of AS DATE)) < day(r.npa_on) AND day(CAST(CAST($as_of AS DATE) + INTERVAL 1 DAY AS DATE)) <> 1 THEN 1 ELSE 0 END AS INTEGER) AS months_npa
  FROM remembered AS r
)
SELECT
  p.loan_id,
  p.borrower_id,
  p.as_of,
  k.bucket,
  CASE WHEN NOT d.demanded OR d.npa_on IS NOT NULL OR d.written_off OR l.class = 'npa' OR l.class = 'standard' THEN 'none' ELSE l.class END AS sma,
  CASE
    WHEN d.written_off THEN 'loss'
    WHEN d.npa_on IS NOT NULL THEN g.asset_class
    ELSE 'standard'
  END AS asset_class,
  d.npa_on,
  d.upgraded_on,
  b.borrower_dpd,
  d.months_npa,
  CASE WHEN d.npa_on IS NOT NULL THEN g.rule_id ELSE l.rule_id END AS rule_id,
  p.loan_key
FROM position AS p
INNER JOIN dated AS d ON d.loan_key = p.loan_key
INNER JOIN borrower_day AS b ON b.borrower_key = p.borrower_key
LEFT JOIN policy_bucket AS k ON p.dpd BETWEEN k.dpd_from AND k.dpd_to AND k.effective_from <= $as_of AND k.effective_to >= $as_of
LEFT JOIN policy_asset_limit AS l ON b.borrower_dpd BETWEEN l.dpd_from AND l.dpd_to AND l.effective_from <= $as_of AND l.effective_to >= $as_of
LEFT JOIN policy_asset_age AS g ON d.months_npa BETWEEN g.months_from AND g.months_to AND g.effective_from <= $as_of AND g.effective_to >= $as_of
ORDER BY d.loan_key
