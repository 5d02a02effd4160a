-- cohort_day: of the loans that entered PAR 30, PAR 90 or NPA in a month, what has been collected since. Each loan is in the
-- month in which it was first seen so; loans that were so before the book began stand apart (seen_late).
-- Inputs: arrears_entry, pin_directory. Definitions: docs/operate/measures.md.
WITH named AS (
  SELECT
    e.mark, e.seen_late, year(e.entered_on) * 100 + month(e.entered_on) AS entered_in, e.vintage,
    coalesce(e.product, '') AS product, coalesce(e.branch_id, '') AS branch_id, coalesce(e.officer_id, '') AS officer_id, coalesce(e.pincode, '') AS pincode,
    CASE WHEN coalesce(e.state, '') <> '' THEN e.state ELSE coalesce(g.state, '') END AS state,
    coalesce(g.district, '') AS district, coalesce(e.acquisition_channel, '') AS channel, coalesce(e.ticket_band, '') AS ticket_band,
    e.place, e.entry_principal_paise, e.entry_overdue_paise, e.collected_paise, e.principal_paise
  FROM arrears_entry AS e
  LEFT JOIN pin_directory AS g ON g.pincode = e.pincode
),
summed AS (
  SELECT
    n.mark, n.seen_late, n.entered_in, n.product, n.branch_id, n.officer_id, n.pincode, n.state, n.district, n.vintage, n.channel, n.ticket_band,
    count(*) AS loans,
    sum(n.entry_principal_paise) AS entry_principal_paise,
    sum(n.entry_overdue_paise) AS entry_overdue_paise,
    sum(n.collected_paise) AS collected_paise,
    sum(n.principal_paise) AS principal_paise,
    sum(CASE WHEN n.place = 'current' THEN 1 ELSE 0 END) AS current_loans,
    sum(CASE WHEN n.place = 'closed' THEN 1 ELSE 0 END) AS closed_loans,
    sum(CASE WHEN n.place = 'written_off' THEN 1 ELSE 0 END) AS written_off_loans
  FROM named AS n
  GROUP BY GROUPING SETS (
    (n.mark, n.seen_late, n.entered_in, n.branch_id),
    (n.mark, n.seen_late, n.entered_in, n.branch_id, n.product),
    (n.mark, n.seen_late, n.entered_in, n.branch_id, n.state),
    (n.mark, n.seen_late, n.entered_in, n.branch_id, n.district),
    (n.mark, n.seen_late, n.entered_in, n.branch_id, n.pincode),
    (n.mark, n.seen_late, n.entered_in, n.branch_id, n.officer_id),
    (n.mark, n.seen_late, n.entered_in, n.vintage),
    (n.mark, n.seen_late, n.entered_in, n.channel),
    (n.mark, n.seen_late, n.entered_in, n.ticket_band)
  )
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  s.mark,
  left(CAST(s.entered_in AS VARCHAR), 4) || '-' || right(CAST(s.entered_in AS VARCHAR), 2) AS entered_in,
  s.seen_late,
  CASE WHEN s.product IS NOT NULL THEN 'product' WHEN s.state IS NOT NULL THEN 'state' WHEN s.district IS NOT NULL THEN 'district'
    WHEN s.pincode IS NOT NULL THEN 'pincode' WHEN s.officer_id IS NOT NULL THEN 'officer' WHEN s.vintage IS NOT NULL THEN 'vintage'
    WHEN s.channel IS NOT NULL THEN 'channel' WHEN s.ticket_band IS NOT NULL THEN 'ticket_band' ELSE 'branch' END AS dimension,
  coalesce(s.product, s.state, s.district, s.pincode, s.officer_id, left(CAST(s.vintage AS VARCHAR), 4) || '-' || right(CAST(s.vintage AS VARCHAR), 2),
    s.channel, s.ticket_band, s.branch_id) AS member,
  coalesce(s.branch_id, '') AS branch_id,
  CAST(s.loans AS INTEGER) AS loans,
  CAST(s.entry_principal_paise AS BIGINT) AS entry_principal_paise,
  CAST(s.entry_overdue_paise AS BIGINT) AS entry_overdue_paise,
  CAST(s.collected_paise AS BIGINT) AS collected_paise,
  CAST(s.principal_paise AS BIGINT) AS principal_paise,
  CAST(s.current_loans AS INTEGER) AS current_loans,
  CAST(s.closed_loans AS INTEGER) AS closed_loans,
  CAST(s.written_off_loans AS INTEGER) AS written_off_loans
FROM summed AS s
ORDER BY s.mark, entered_in, s.seen_late, dimension, member, branch_id
