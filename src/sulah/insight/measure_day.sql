-- measure_day: every measure of the day by every dimension, as numerators and denominators. Sums of roll_cell: branch from
-- the cells by product, state and district from those by PIN code. Loans written off at the opening are apart from
-- efficiency and roll, those written off today apart from PAR. Rates are divided where they are shown.
-- Inputs: roll_cell. Definitions: docs/operate/measures.md.
WITH cells AS (
  SELECT
    c.open_on, x.dimension, c.branch_id,
    CASE x.dimension WHEN 'branch' THEN c.branch_id WHEN 'state' THEN c.state WHEN 'district' THEN c.district ELSE c.member END AS member,
    c.place NOT IN ('closed', 'written_off') AS live,
    c.open_place IS NOT NULL AND c.open_place <> 'written_off' AS owed,
    c.open_place IS NOT NULL AND c.open_place NOT IN ('new', 'arrived', 'closed', 'written_off') AS opened,
    c.open_place, c.place, c.over_days, c.direction,
    c.loans, c.principal_paise, c.overdue_paise, c.npa, c.provision_paise, c.provision_aged_paise, c.open_principal_paise, c.open_provision_paise, c.open_provision_aged_paise, c.open_arrears_paise, c.open_advance_paise, c.month_due_paise, c.applied_arrears_paise, c.applied_due_paise, c.from_advance_paise, c.ahead_paise
  FROM roll_cell AS c
  INNER JOIN (VALUES ('product', 'branch'), ('product', 'product'), ('pincode', 'state'), ('pincode', 'district'), ('pincode', 'pincode'), ('officer', 'officer'), ('vintage', 'vintage'), ('channel', 'channel'), ('ticket_band', 'ticket_band')) AS x (source, dimension) ON x.source = c.dimension
)
SELECT
  CAST($as_of AS DATE) AS as_of,
  max(c.open_on) AS open_on,
  c.dimension, c.member, c.branch_id,
  CAST(sum(CASE WHEN c.live THEN c.loans ELSE 0 END) AS INTEGER) AS loans,
  CAST(sum(CASE WHEN c.live THEN c.principal_paise ELSE 0 END) AS BIGINT) AS principal_paise,
  CAST(sum(CASE WHEN c.live THEN c.overdue_paise ELSE 0 END) AS BIGINT) AS overdue_paise,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 1 THEN c.loans ELSE 0 END) AS INTEGER) AS par_1_loans,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 1 THEN c.principal_paise ELSE 0 END) AS BIGINT) AS par_1_paise,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 30 THEN c.loans ELSE 0 END) AS INTEGER) AS par_30_loans,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 30 THEN c.principal_paise ELSE 0 END) AS BIGINT) AS par_30_paise,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 60 THEN c.loans ELSE 0 END) AS INTEGER) AS par_60_loans,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 60 THEN c.principal_paise ELSE 0 END) AS BIGINT) AS par_60_paise,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 90 THEN c.loans ELSE 0 END) AS INTEGER) AS par_90_loans,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 90 THEN c.principal_paise ELSE 0 END) AS BIGINT) AS par_90_paise,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 180 THEN c.loans ELSE 0 END) AS INTEGER) AS par_180_loans,
  CAST(sum(CASE WHEN c.live AND c.over_days >= 180 THEN c.principal_paise ELSE 0 END) AS BIGINT) AS par_180_paise,
  CAST(sum(CASE WHEN c.npa AND c.live THEN c.loans ELSE 0 END) AS INTEGER) AS npa_loans,
  CAST(sum(CASE WHEN c.npa AND c.live THEN c.principal_paise ELSE 0 END) AS BIGINT) AS npa_paise,
  CAST(sum(CASE WHEN c.place = 'written_off' THEN c.loans ELSE 0 END) AS INTEGER) AS written_off_loans,
  CAST(sum(CASE WHEN c.place = 'written_off' THEN c.principal_paise ELSE 0 END) AS BIGINT) AS written_off_paise,
  CAST(sum(c.provision_paise) AS BIGINT) AS provision_paise,
  CAST(sum(c.provision_aged_paise) AS BIGINT) AS provision_aged_paise,
  CAST(coalesce(sum(c.open_provision_paise), 0) AS BIGINT) AS open_provision_paise,
  CAST(coalesce(sum(c.open_provision_aged_paise), 0) AS BIGINT) AS open_provision_aged_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.open_arrears_paise ELSE 0 END), 0) AS BIGINT) AS open_arrears_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.applied_arrears_paise ELSE 0 END), 0) AS BIGINT) AS applied_arrears_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.month_due_paise ELSE 0 END), 0) AS BIGINT) AS month_due_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.applied_due_paise ELSE 0 END), 0) AS BIGINT) AS applied_due_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.from_advance_paise ELSE 0 END), 0) AS BIGINT) AS from_advance_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.open_advance_paise ELSE 0 END), 0) AS BIGINT) AS open_advance_paise,
  CAST(coalesce(sum(CASE WHEN c.owed THEN c.ahead_paise ELSE 0 END), 0) AS BIGINT) AS ahead_paise,
  CAST(coalesce(sum(CASE WHEN c.open_place = 'written_off' THEN c.applied_arrears_paise + c.applied_due_paise + c.ahead_paise - c.open_advance_paise ELSE 0 END), 0) AS BIGINT) AS recovered_paise,
  CAST(sum(CASE WHEN c.open_place IN ('arrived', 'closed') THEN c.loans ELSE 0 END) AS INTEGER) AS unanchored_loans,
  CAST(sum(CASE WHEN c.opened THEN c.loans ELSE 0 END) AS INTEGER) AS open_loans,
  CAST(coalesce(sum(CASE WHEN c.opened THEN c.open_principal_paise ELSE 0 END), 0) AS BIGINT) AS open_principal_paise,
  CAST(sum(CASE WHEN c.opened AND c.direction = 'forward' THEN c.loans ELSE 0 END) AS INTEGER) AS forward_loans,
  CAST(coalesce(sum(CASE WHEN c.opened AND c.direction = 'forward' THEN c.open_principal_paise ELSE 0 END), 0) AS BIGINT) AS forward_paise,
  CAST(sum(CASE WHEN c.opened AND c.direction = 'back' THEN c.loans ELSE 0 END) AS INTEGER) AS back_loans,
  CAST(coalesce(sum(CASE WHEN c.opened AND c.direction = 'back' THEN c.open_principal_paise ELSE 0 END), 0) AS BIGINT) AS back_paise,
  CAST(sum(CASE WHEN c.opened AND c.direction = 'same' THEN c.loans ELSE 0 END) AS INTEGER) AS same_loans,
  CAST(coalesce(sum(CASE WHEN c.opened AND c.direction = 'same' THEN c.open_principal_paise ELSE 0 END), 0) AS BIGINT) AS same_paise,
  CAST(sum(CASE WHEN c.opened AND c.direction = 'closed' THEN c.loans ELSE 0 END) AS INTEGER) AS closed_loans,
  CAST(coalesce(sum(CASE WHEN c.opened AND c.direction = 'closed' THEN c.open_principal_paise ELSE 0 END), 0) AS BIGINT) AS closed_paise,
  CAST(sum(CASE WHEN c.direction = 'new' THEN c.loans ELSE 0 END) AS INTEGER) AS new_loans,
  CAST(sum(CASE WHEN c.direction = 'new' THEN c.principal_paise ELSE 0 END) AS BIGINT) AS new_paise
FROM cells AS c
GROUP BY c.dimension, c.member, c.branch_id
ORDER BY c.dimension, c.member, c.branch_id
