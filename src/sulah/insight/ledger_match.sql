-- ledger_match: the lender's ledger totals beside ours, with the difference. Only totals that speak of this day-end are held
-- against it. An empty product or branch means all of them. A provision can be told for the whole book only.
-- Inputs: ledger_total, book_day, provision_book. Definitions: docs/operate/measures.md.
WITH asked AS (
  SELECT t.measure, coalesce(t.product, '') AS product, coalesce(t.branch_id, '') AS branch_id, t.amount_paise, t.number
  FROM ledger_total AS t
  WHERE t.as_of = $as_of
),
ours AS (
  SELECT
    k.measure, k.product, k.branch_id,
    CAST(sum(CASE WHEN b.written_off THEN 0 ELSE b.outstanding_principal_paise END) AS BIGINT) AS principal_paise,
    CAST(sum(CASE WHEN b.written_off THEN 0 ELSE b.overdue_paise END) AS BIGINT) AS overdue_paise,
    CAST(sum(CASE WHEN NOT b.written_off AND b.asset_class <> 'standard' THEN b.outstanding_principal_paise ELSE 0 END) AS BIGINT) AS npa_paise,
    CAST(sum(CASE WHEN b.written_off THEN b.outstanding_principal_paise ELSE 0 END) AS BIGINT) AS written_off_paise,
    CAST(sum(CASE WHEN b.written_off THEN 0 ELSE b.loans END) AS INTEGER) AS loans
  FROM asked AS k
  INNER JOIN book_day AS b ON k.product IN ('', b.product) AND k.branch_id IN ('', b.branch_id)
  GROUP BY k.measure, k.product, k.branch_id
),
beside AS (
  SELECT
    k.measure, k.product, k.branch_id, k.amount_paise, k.number,
    CASE k.measure
      WHEN 'outstanding_principal' THEN coalesce(o.principal_paise, 0)
      WHEN 'overdue' THEN coalesce(o.overdue_paise, 0)
      WHEN 'npa_principal' THEN coalesce(o.npa_paise, 0)
      WHEN 'written_off_principal' THEN coalesce(o.written_off_paise, 0)
      WHEN 'provision' THEN CASE WHEN k.product = '' AND k.branch_id = '' THEN v.provision_paise END
    END AS ours_paise,
    CASE WHEN k.measure = 'loans' THEN coalesce(o.loans, 0) END AS ours_number
  FROM asked AS k
  CROSS JOIN (SELECT max(p.provision_paise) AS provision_paise FROM provision_book AS p WHERE p.leg = 'total') AS v
  LEFT JOIN ours AS o ON o.measure = k.measure AND o.product = k.product AND o.branch_id = k.branch_id
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  s.measure, s.product, s.branch_id,
  s.amount_paise AS ledger_paise,
  s.ours_paise,
  s.ours_paise - s.amount_paise AS difference_paise,
  s.number AS ledger_number,
  s.ours_number,
  s.ours_number - s.number AS difference_number,
  CASE WHEN s.measure = 'loans' THEN s.ours_number = s.number ELSE s.ours_paise = s.amount_paise END AS agrees
FROM beside AS s
ORDER BY s.measure, s.product, s.branch_id
