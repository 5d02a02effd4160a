-- provision_book: the provision of the whole book. Where the rule is the larger of two ways (NBFC-MFI), the comparison is
-- made once for the book: the portfolio leg, or the instalment legs together.
-- Inputs: provisioning.
WITH legs AS (
  SELECT p.leg, CAST(sum(p.base_paise) AS BIGINT) AS base_paise, CAST(sum(p.provision_paise) AS BIGINT) AS provision_paise, min(p.rule_id) AS rule_id
  FROM provisioning AS p
  GROUP BY p.leg
),
ways AS (
  SELECT
    coalesce(CAST(sum(CASE WHEN l.leg = 'portfolio' THEN l.provision_paise END) AS BIGINT), 0) AS portfolio_paise,
    coalesce(CAST(sum(CASE WHEN l.leg LIKE 'instalments%' THEN l.provision_paise END) AS BIGINT), 0) AS instalments_paise
  FROM legs AS l
),
judged AS (
  SELECT
    l.leg, l.base_paise, l.provision_paise, l.rule_id,
    CASE
      WHEN l.leg = 'portfolio' THEN w.portfolio_paise >= w.instalments_paise
      WHEN l.leg LIKE 'instalments%' THEN w.portfolio_paise < w.instalments_paise
      ELSE true
    END AS counted
  FROM legs AS l CROSS JOIN ways AS w
)
SELECT CAST($as_of AS DATE) AS as_of, j.leg, j.base_paise, j.provision_paise, j.counted, j.rule_id
FROM judged AS j
UNION ALL
SELECT
  CAST($as_of AS DATE), 'total',
  coalesce(CAST(sum(CASE WHEN k.counted THEN k.base_paise END) AS BIGINT), 0),
  coalesce(CAST(sum(CASE WHEN k.counted THEN k.provision_paise END) AS BIGINT), 0),
  true, 'total'
FROM judged AS k
ORDER BY leg
