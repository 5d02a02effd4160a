-- roll_alert: cohorts whose roll rate of the month left its band: of the principal that opened the month in a bucket, the part
-- that stands in a worse place today. Above the band at any time; below it only when the month is over. Cohorts
-- smaller than the policy row asks are not judged.
-- Inputs: roll_cell, policy_roll_band. Definitions: docs/operate/measures.md.
WITH cohorts AS (
  SELECT
    c.open_on, x.dimension, c.open_place,
    CASE x.dimension WHEN 'total' THEN '' WHEN 'branch' THEN c.branch_id WHEN 'state' THEN c.state WHEN 'district' THEN c.district ELSE c.member END AS member,
    CASE WHEN x.dimension IN ('branch', 'officer') THEN c.branch_id ELSE '' END AS branch_id,
    sum(c.loans) AS open_loans,
    sum(c.open_principal_paise) AS open_principal_paise,
    sum(CASE WHEN c.direction = 'forward' THEN c.loans ELSE 0 END) AS forward_loans,
    sum(CASE WHEN c.direction = 'forward' THEN c.open_principal_paise ELSE 0 END) AS forward_paise
  FROM roll_cell AS c
  INNER JOIN (VALUES ('product', 'total'), ('product', 'branch'), ('product', 'product'), ('pincode', 'state'), ('pincode', 'district'), ('pincode', 'pincode'), ('officer', 'officer'), ('vintage', 'vintage'), ('channel', 'channel'), ('ticket_band', 'ticket_band')) AS x (source, dimension) ON x.source = c.dimension
  WHERE c.direction <> 'new' AND c.open_place <> 'written_off'
  GROUP BY
    c.open_on, x.dimension, c.open_place,
    CASE x.dimension WHEN 'total' THEN '' WHEN 'branch' THEN c.branch_id WHEN 'state' THEN c.state WHEN 'district' THEN c.district ELSE c.member END,
    CASE WHEN x.dimension IN ('branch', 'officer') THEN c.branch_id ELSE '' END
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  h.open_on, h.dimension, h.member, h.branch_id, h.open_place,
  CASE WHEN h.forward_paise * 10000 > h.open_principal_paise * p.forward_to_bps THEN 'above' ELSE 'below' END AS side,
  CAST(h.open_loans AS INTEGER) AS open_loans,
  CAST(h.open_principal_paise AS BIGINT) AS open_principal_paise,
  CAST(h.forward_loans AS INTEGER) AS forward_loans,
  CAST(h.forward_paise AS BIGINT) AS forward_paise,
  CAST(p.forward_from_bps AS INTEGER) AS forward_from_bps,
  CAST(p.forward_to_bps AS INTEGER) AS forward_to_bps,
  p.rule_id
FROM cohorts AS h
INNER JOIN policy_roll_band AS p ON p.bucket = h.open_place AND p.effective_from <= $as_of AND p.effective_to >= $as_of
WHERE h.open_loans >= p.least_loans
  AND (h.forward_paise * 10000 > h.open_principal_paise * p.forward_to_bps
    OR (h.forward_paise * 10000 < h.open_principal_paise * p.forward_from_bps AND day(CAST(CAST($as_of AS DATE) + INTERVAL 1 DAY AS DATE)) = 1))
ORDER BY h.dimension, h.member, h.branch_id, h.open_place
