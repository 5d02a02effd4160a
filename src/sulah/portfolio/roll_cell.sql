-- roll_cell: the book by one dimension, by where loans stood at the opening of the month and where they stand today. One pass
-- over the loans; PAR, efficiency, roll rates and provisions of every page are sums of these rows. Receipts since the opening go to
-- the arrears of then first, next to the dues of the month; the rest is ahead. Worse is the later bucket, written off the worst.
-- Inputs: loan_day, pin_directory. Definitions: docs/operate/measures.md.
WITH named AS (
  SELECT
    coalesce(l.product, '') AS product, coalesce(l.branch_id, '') AS branch_id, coalesce(l.officer_id, '') AS officer_id,
    coalesce(l.pincode, '') AS pincode, coalesce(l.state, g.state, '') AS state, coalesce(l.acquisition_channel, '') AS channel,
    l.vintage, coalesce(l.ticket_band, '') AS ticket_band, l.open_on,
    -- where it stood, where it stands, NPA or not, and the limit of days that it is over: one number, so that rows are grouped cheaply
    (CASE l.open_place WHEN 'current' THEN 1 WHEN '1-30' THEN 2 WHEN '31-60' THEN 3 WHEN '61-90' THEN 4 WHEN '91-180' THEN 5 WHEN '181-365' THEN 6 WHEN '366+' THEN 7 WHEN 'written_off' THEN 8 WHEN 'closed' THEN 9 WHEN 'new' THEN 10 WHEN 'arrived' THEN 11 ELSE 0 END) * 100000
      + (CASE l.place WHEN 'current' THEN 1 WHEN '1-30' THEN 2 WHEN '31-60' THEN 3 WHEN '61-90' THEN 4 WHEN '91-180' THEN 5 WHEN '181-365' THEN 6 WHEN '366+' THEN 7 WHEN 'written_off' THEN 8 WHEN 'closed' THEN 9 WHEN 'new' THEN 10 WHEN 'arrived' THEN 11 ELSE 0 END) * 1000
      + CASE WHEN l.npa THEN 500 ELSE 0 END
      + CASE WHEN l.dpd > 180 THEN 180 WHEN l.dpd > 90 THEN 90 WHEN l.dpd > 60 THEN 60 WHEN l.dpd > 30 THEN 30 WHEN l.dpd > 1 THEN 1 ELSE 0 END AS path,
    l.principal_paise, l.overdue_paise, l.provision_paise, l.provision_aged_paise, l.before_principal_paise,
    l.open_principal_paise, l.open_provision_paise, l.open_provision_aged_paise, l.open_overdue_paise, l.open_advance_paise, l.month_due_paise,
    l.paid_paise, l.open_paid_paise,
    CASE WHEN l.month_due_paise IS NOT NULL THEN l.open_paid_paise + l.open_overdue_paise - l.open_advance_paise END AS open_due_paise
  FROM loan_day AS l
  LEFT JOIN pin_directory AS g ON g.pincode = l.pincode
),
applied AS (
  SELECT
    n.product, n.branch_id, n.officer_id, n.pincode, n.state, n.channel, n.vintage, n.ticket_band, n.open_on, n.path,
    n.principal_paise, n.overdue_paise, n.provision_paise, n.provision_aged_paise, n.before_principal_paise,
    n.open_principal_paise, n.open_provision_paise, n.open_provision_aged_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN n.open_overdue_paise END AS open_overdue_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN n.open_advance_paise END AS open_advance_paise,
    n.month_due_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN least(n.paid_paise, n.open_due_paise) - least(n.open_paid_paise, n.open_due_paise) END AS applied_arrears_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN least(n.month_due_paise, greatest(0, n.paid_paise - n.open_due_paise)) END AS applied_due_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN least(n.month_due_paise, n.open_advance_paise) END AS from_advance_paise,
    CASE WHEN n.open_due_paise IS NOT NULL THEN greatest(0, n.paid_paise - n.open_due_paise) - least(n.month_due_paise, greatest(0, n.paid_paise - n.open_due_paise)) END AS ahead_paise
  FROM named AS n
),
summed AS (
  SELECT
    n.product, n.branch_id, n.officer_id, n.pincode, n.state, n.channel, n.vintage, n.ticket_band, n.open_on, n.path,
    count(*) AS loans,
    sum(n.principal_paise) AS principal_paise,
    sum(n.overdue_paise) AS overdue_paise,
    sum(n.provision_paise) AS provision_paise,
    sum(n.provision_aged_paise) AS provision_aged_paise,
    sum(n.before_principal_paise) AS before_paise,
    sum(n.open_principal_paise) AS open_principal_paise,
    sum(n.open_provision_paise) AS open_provision_paise,
    sum(n.open_provision_aged_paise) AS open_provision_aged_paise,
    sum(n.open_overdue_paise) AS open_arrears_paise,
    sum(n.open_advance_paise) AS open_advance_paise,
    sum(n.month_due_paise) AS month_due_paise,
    sum(n.applied_arrears_paise) AS applied_arrears_paise,
    sum(n.applied_due_paise) AS applied_due_paise,
    sum(n.from_advance_paise) AS from_advance_paise,
    sum(n.ahead_paise) AS ahead_paise
  FROM applied AS n
  GROUP BY GROUPING SETS (
    (n.branch_id, n.product, n.open_on, n.path),
    (n.branch_id, n.officer_id, n.open_on, n.path),
    (n.branch_id, n.pincode, n.state, n.open_on, n.path),
    (n.vintage, n.open_on, n.path),
    (n.channel, n.open_on, n.path),
    (n.ticket_band, n.open_on, n.path)
  )
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  s.open_on,
  CASE WHEN s.product IS NOT NULL THEN 'product' WHEN s.officer_id IS NOT NULL THEN 'officer' WHEN s.pincode IS NOT NULL THEN 'pincode'
    WHEN s.vintage IS NOT NULL THEN 'vintage' WHEN s.channel IS NOT NULL THEN 'channel' ELSE 'ticket_band' END AS dimension,
  coalesce(s.product, s.officer_id, s.pincode, left(CAST(s.vintage AS VARCHAR), 4) || '-' || right(CAST(s.vintage AS VARCHAR), 2), s.channel, s.ticket_band) AS member,
  coalesce(s.branch_id, '') AS branch_id,
  coalesce(s.state, '') AS state,
  CASE WHEN s.pincode IS NULL THEN '' ELSE coalesce(g.district, '') END AS district,
  o.place AS open_place,
  t.place,
  s.path // 500 % 2 = 1 AS npa,
  CAST(s.path % 500 AS INTEGER) AS over_days,
  CASE
    WHEN s.path // 100000 = 0 THEN NULL
    WHEN s.path // 100000 >= 9 THEN 'new'
    WHEN s.path // 1000 % 100 = s.path // 100000 THEN 'same'
    WHEN s.path // 1000 % 100 = 9 THEN 'closed'
    WHEN s.path // 1000 % 100 > s.path // 100000 THEN 'forward'
    ELSE 'back'
  END AS direction,
  CAST(s.loans AS INTEGER) AS loans,
  CAST(s.principal_paise AS BIGINT) AS principal_paise,
  CAST(s.overdue_paise AS BIGINT) AS overdue_paise,
  CAST(s.provision_paise AS BIGINT) AS provision_paise,
  CAST(s.provision_aged_paise AS BIGINT) AS provision_aged_paise,
  CAST(s.before_paise AS BIGINT) AS before_paise,
  CAST(s.open_principal_paise AS BIGINT) AS open_principal_paise,
  CAST(s.open_provision_paise AS BIGINT) AS open_provision_paise,
  CAST(s.open_provision_aged_paise AS BIGINT) AS open_provision_aged_paise,
  CAST(s.open_arrears_paise AS BIGINT) AS open_arrears_paise,
  CAST(s.open_advance_paise AS BIGINT) AS open_advance_paise,
  CAST(s.month_due_paise AS BIGINT) AS month_due_paise,
  CAST(s.applied_arrears_paise AS BIGINT) AS applied_arrears_paise,
  CAST(s.applied_due_paise AS BIGINT) AS applied_due_paise,
  CAST(s.from_advance_paise AS BIGINT) AS from_advance_paise,
  CAST(s.ahead_paise AS BIGINT) AS ahead_paise
FROM summed AS s
LEFT JOIN pin_directory AS g ON g.pincode = s.pincode
LEFT JOIN (VALUES (1, 'current'), (2, '1-30'), (3, '31-60'), (4, '61-90'), (5, '91-180'), (6, '181-365'), (7, '366+'), (8, 'written_off'), (9, 'closed'), (10, 'new'), (11, 'arrived')) AS t (rank, place) ON t.rank = s.path // 1000 % 100
LEFT JOIN (VALUES (1, 'current'), (2, '1-30'), (3, '31-60'), (4, '61-90'), (5, '91-180'), (6, '181-365'), (7, '366+'), (8, 'written_off'), (9, 'closed'), (10, 'new'), (11, 'arrived')) AS o (rank, place) ON o.rank = s.path // 100000
ORDER BY dimension, member, s.branch_id, s.state, s.path
