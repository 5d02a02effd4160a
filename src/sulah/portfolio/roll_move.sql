-- roll_move: loans that changed place since the last committed day, by one dimension. Only the few that moved are read; those
-- that stayed are counted in roll_cell. Directions as there.
-- Inputs: loan_day, pin_directory. Definitions: docs/operate/measures.md.
WITH moved AS (
  SELECT
    coalesce(l.product, '') AS product, coalesce(l.branch_id, '') AS branch_id, coalesce(l.officer_id, '') AS officer_id,
    coalesce(l.pincode, '') AS pincode, coalesce(l.state, g.state, '') AS state, coalesce(l.acquisition_channel, '') AS channel,
    l.vintage, coalesce(l.ticket_band, '') AS ticket_band, l.before_on, l.before_place, l.place,
    l.before_principal_paise, l.principal_paise, l.before_provision_paise, l.before_provision_aged_paise, l.provision_paise, l.provision_aged_paise
  FROM loan_day AS l
  LEFT JOIN pin_directory AS g ON g.pincode = l.pincode
  WHERE l.before_place <> l.place
),
summed AS (
  SELECT
    m.product, m.branch_id, m.officer_id, m.pincode, m.state, m.channel, m.vintage, m.ticket_band, m.before_on, m.before_place, m.place,
    count(*) AS loans,
    sum(m.before_principal_paise) AS before_principal_paise,
    sum(m.principal_paise) AS principal_paise,
    sum(m.before_provision_paise) AS before_provision_paise,
    sum(m.before_provision_aged_paise) AS before_provision_aged_paise,
    sum(m.provision_paise) AS provision_paise,
    sum(m.provision_aged_paise) AS provision_aged_paise
  FROM moved AS m
  GROUP BY GROUPING SETS (
    (m.branch_id, m.product, m.before_on, m.before_place, m.place),
    (m.branch_id, m.officer_id, m.before_on, m.before_place, m.place),
    (m.branch_id, m.pincode, m.state, m.before_on, m.before_place, m.place),
    (m.vintage, m.before_on, m.before_place, m.place),
    (m.channel, m.before_on, m.before_place, m.place),
    (m.ticket_band, m.before_on, m.before_place, m.place)
  )
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  s.before_on,
  CASE WHEN s.product IS NOT NULL THEN 'product' WHEN s.officer_id IS NOT NULL THEN 'officer' WHEN s.pincode IS NOT NULL THEN 'pincode'
    WHEN s.vintage IS NOT NULL THEN 'vintage' WHEN s.channel IS NOT NULL THEN 'channel' ELSE 'ticket_band' END AS dimension,
  coalesce(s.product, s.officer_id, s.pincode, left(CAST(s.vintage AS VARCHAR), 4) || '-' || right(CAST(s.vintage AS VARCHAR), 2), s.channel, s.ticket_band) AS member,
  coalesce(s.branch_id, '') AS branch_id,
  coalesce(s.state, '') AS state,
  CASE WHEN s.pincode IS NULL THEN '' ELSE coalesce(g.district, '') END AS district,
  s.before_place, s.place,
  CASE
    WHEN s.before_place IN ('new', 'closed') THEN 'new'
    WHEN s.place = 'closed' THEN 'closed'
    WHEN CASE s.place WHEN 'current' THEN 1 WHEN '1-30' THEN 2 WHEN '31-60' THEN 3 WHEN '61-90' THEN 4 WHEN '91-180' THEN 5 WHEN '181-365' THEN 6 WHEN '366+' THEN 7 WHEN 'written_off' THEN 8 WHEN 'closed' THEN 9 WHEN 'new' THEN 10 WHEN 'arrived' THEN 11 ELSE 0 END > CASE s.before_place WHEN 'current' THEN 1 WHEN '1-30' THEN 2 WHEN '31-60' THEN 3 WHEN '61-90' THEN 4 WHEN '91-180' THEN 5 WHEN '181-365' THEN 6 WHEN '366+' THEN 7 WHEN 'written_off' THEN 8 WHEN 'closed' THEN 9 WHEN 'new' THEN 10 WHEN 'arrived' THEN 11 ELSE 0 END THEN 'forward'
    ELSE 'back'
  END AS direction,
  CAST(s.loans AS INTEGER) AS loans,
  CAST(s.before_principal_paise AS BIGINT) AS before_principal_paise,
  CAST(s.principal_paise AS BIGINT) AS principal_paise,
  CAST(s.before_provision_paise AS BIGINT) AS before_provision_paise,
  CAST(s.before_provision_aged_paise AS BIGINT) AS before_provision_aged_paise,
  CAST(s.provision_paise AS BIGINT) AS provision_paise,
  CAST(s.provision_aged_paise AS BIGINT) AS provision_aged_paise
FROM summed AS s
LEFT JOIN pin_directory AS g ON g.pincode = s.pincode
ORDER BY dimension, member, s.branch_id, s.state, s.before_place, s.place
