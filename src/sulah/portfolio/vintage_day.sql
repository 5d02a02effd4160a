-- vintage_day: loans by month of disbursal and product: how many are, or ever were, more than 30 and 90 days past due. The
-- amounts of "ever" are those outstanding when it was first seen; a write-off takes no loan out of its vintage's arrears.
-- Inputs: account, loan_day, arrears_entry. Definitions: docs/operate/measures.md.
WITH lent AS (
  SELECT
    CAST(year(a.disbursed_on) * 100 + month(a.disbursed_on) AS INTEGER) AS vintage,
    coalesce(a.product, '') AS product,
    count(*) AS loans,
    sum(a.principal_paise) AS disbursed_paise
  FROM account AS a
  WHERE a.disbursed_on <= $as_of
  GROUP BY year(a.disbursed_on) * 100 + month(a.disbursed_on), coalesce(a.product, '')
),
standing AS (
  SELECT
    l.vintage,
    coalesce(l.product, '') AS product,
    sum(CASE WHEN l.place <> 'written_off' THEN l.principal_paise ELSE 0 END) AS principal_paise,
    sum(CASE WHEN l.dpd > 30 THEN 1 ELSE 0 END) AS par_30_loans,
    sum(CASE WHEN l.dpd > 30 THEN l.principal_paise ELSE 0 END) AS par_30_paise,
    sum(CASE WHEN l.dpd > 90 THEN 1 ELSE 0 END) AS par_90_loans,
    sum(CASE WHEN l.dpd > 90 THEN l.principal_paise ELSE 0 END) AS par_90_paise,
    sum(CASE WHEN l.place = 'written_off' THEN 1 ELSE 0 END) AS written_off_loans,
    sum(CASE WHEN l.place = 'written_off' THEN l.principal_paise ELSE 0 END) AS written_off_paise
  FROM loan_day AS l
  GROUP BY l.vintage, coalesce(l.product, '')
),
ever AS (
  SELECT
    e.vintage,
    coalesce(e.product, '') AS product,
    sum(CASE WHEN e.mark = 'par_30' THEN 1 ELSE 0 END) AS ever_30_loans,
    sum(CASE WHEN e.mark = 'par_30' THEN e.entry_principal_paise ELSE 0 END) AS ever_30_paise,
    sum(CASE WHEN e.mark = 'par_90' THEN 1 ELSE 0 END) AS ever_90_loans,
    sum(CASE WHEN e.mark = 'par_90' THEN e.entry_principal_paise ELSE 0 END) AS ever_90_paise
  FROM arrears_entry AS e
  GROUP BY e.vintage, coalesce(e.product, '')
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  left(CAST(n.vintage AS VARCHAR), 4) || '-' || right(CAST(n.vintage AS VARCHAR), 2) AS vintage,
  n.product,
  CAST((year(CAST($as_of AS DATE)) - CAST(left(CAST(n.vintage AS VARCHAR), 4) AS INTEGER)) * 12
    + month(CAST($as_of AS DATE)) - CAST(right(CAST(n.vintage AS VARCHAR), 2) AS INTEGER) AS INTEGER) AS months_on_book,
  CAST(n.loans AS INTEGER) AS loans,
  CAST(n.disbursed_paise AS BIGINT) AS disbursed_paise,
  CAST(coalesce(s.principal_paise, 0) AS BIGINT) AS principal_paise,
  CAST(coalesce(s.par_30_loans, 0) AS INTEGER) AS par_30_loans,
  CAST(coalesce(s.par_30_paise, 0) AS BIGINT) AS par_30_paise,
  CAST(coalesce(s.par_90_loans, 0) AS INTEGER) AS par_90_loans,
  CAST(coalesce(s.par_90_paise, 0) AS BIGINT) AS par_90_paise,
  CAST(coalesce(v.ever_30_loans, 0) AS INTEGER) AS ever_30_loans,
  CAST(coalesce(v.ever_30_paise, 0) AS BIGINT) AS ever_30_paise,
  CAST(coalesce(v.ever_90_loans, 0) AS INTEGER) AS ever_90_loans,
  CAST(coalesce(v.ever_90_paise, 0) AS BIGINT) AS ever_90_paise,
  CAST(coalesce(s.written_off_loans, 0) AS INTEGER) AS written_off_loans,
  CAST(coalesce(s.written_off_paise, 0) AS BIGINT) AS written_off_paise
FROM lent AS n
LEFT JOIN standing AS s ON s.vintage = n.vintage AND s.product = n.product
LEFT JOIN ever AS v ON v.vintage = n.vintage AND v.product = n.product
ORDER BY n.vintage, n.product
