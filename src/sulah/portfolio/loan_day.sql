-- loan_day: a loan on the day, beside the last month-end and the day before. What stood then is carried from the last
-- committed day, as it was known then: on the month-end itself that day's own figures, else the opening that it carried. A month
-- whose opening was never committed has no anchor, and none is made up. What fell due in the month is the growth of what had
-- fallen due; where a schedule changed since the opening, or a loan ended in a gap, the dues of the month are read one by one.
-- Loans that ended before the month are left out. Where loans kept their keys since the last committed day they are found by key.
-- Inputs: account, position, classification, provisioning, due, policy_ticket_band, previous_day, previous.loan_day.
-- Definitions: docs/operate/measures.md.
WITH span AS (
  SELECT CAST(CAST($as_of AS DATE) - to_days(CAST(day(CAST($as_of AS DATE)) AS INTEGER)) AS DATE) AS month_end_on
),
anchor AS (
  SELECT
    s.month_end_on,
    p.as_of AS before_on,
    CASE WHEN p.as_of = s.month_end_on OR o.open_on IS NOT NULL THEN s.month_end_on END AS open_on,
    CASE WHEN p.as_of = s.month_end_on THEN least(p.load_as_of, s.month_end_on) ELSE o.open_known_on END AS open_known_on
  FROM span AS s
  CROSS JOIN (
    -- a day of before measures were made left nothing to stand on
    SELECT max(n.as_of) AS as_of, max(n.load_as_of) AS load_as_of
    FROM previous_day AS n
    WHERE (SELECT count(b.loan_id) FROM previous.loan_day AS b) > 0
  ) AS p
  CROSS JOIN (
    SELECT max(b.open_on) AS open_on, max(b.open_known_on) AS open_known_on
    FROM previous.loan_day AS b CROSS JOIN span AS t
    WHERE b.open_on = t.month_end_on
  ) AS o
),
past AS (
  SELECT
    b.loan_id, b.loan_key,
    b.place AS before_place, b.principal_paise AS before_principal_paise,
    b.provision_paise AS before_provision_paise, b.provision_aged_paise AS before_provision_aged_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.place WHEN b.open_on = n.month_end_on THEN b.open_place END AS open_place,
    CASE WHEN n.before_on = n.month_end_on THEN b.principal_paise WHEN b.open_on = n.month_end_on THEN b.open_principal_paise END AS open_principal_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.overdue_paise WHEN b.open_on = n.month_end_on THEN b.open_overdue_paise END AS open_overdue_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.paid_paise WHEN b.open_on = n.month_end_on THEN b.open_paid_paise END AS open_paid_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.advance_paise WHEN b.open_on = n.month_end_on THEN b.open_advance_paise END AS open_advance_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.provision_paise WHEN b.open_on = n.month_end_on THEN b.open_provision_paise END AS open_provision_paise,
    CASE WHEN n.before_on = n.month_end_on THEN b.provision_aged_paise WHEN b.open_on = n.month_end_on THEN b.open_provision_aged_paise END AS open_provision_aged_paise,
    CASE WHEN n.before_on = n.month_end_on THEN 0 ELSE b.month_due_paise END AS month_due_paise
  FROM previous.loan_day AS b
  CROSS JOIN anchor AS n
),
uneven AS (
  -- loans whose dues of the month are not the growth of what had fallen due
  SELECT d.loan_key
  FROM due AS d
  CROSS JOIN anchor AS n
  WHERE d.in_force_to <= $as_of AND d.in_force_to > n.open_known_on
  UNION
  SELECT a.loan_key
  FROM account AS a
  CROSS JOIN anchor AS n
  LEFT JOIN previous.loan_day AS b ON b.loan_id = a.loan_id
  WHERE a.ended_on <= $as_of AND a.ended_on > n.open_on AND (b.loan_key IS NULL OR a.ended_on > CAST(n.before_on + INTERVAL 1 DAY AS DATE))
),
dues AS (
  SELECT
    d.loan_key,
    CAST(sum(CASE
      WHEN d.due_on > CAST(CAST($as_of AS DATE) - to_days(CAST(day(CAST($as_of AS DATE)) AS INTEGER)) AS DATE) AND d.due_on <= $as_of
        AND d.in_force_from <= $as_of AND d.in_force_to > $as_of AND (a.ended_on IS NULL OR d.due_on < a.ended_on)
      THEN d.principal_paise + d.interest_paise + d.charge_paise ELSE 0 END) AS BIGINT) AS month_due_paise
  FROM due AS d
  INNER JOIN uneven AS u ON u.loan_key = d.loan_key
  INNER JOIN account AS a ON a.loan_key = d.loan_key
  GROUP BY d.loan_key
),
provided AS (
  SELECT
    p.loan_key,
    CAST(sum(CASE WHEN p.leg NOT LIKE 'instalments%' THEN p.provision_paise ELSE 0 END) AS BIGINT) AS provision_paise,
    CAST(sum(CASE WHEN p.leg LIKE 'instalments%' THEN p.provision_paise ELSE 0 END) AS BIGINT) AS provision_aged_paise
  FROM provisioning AS p
  GROUP BY p.loan_key
),
standing AS (
  SELECT
    a.loan_key, a.loan_id, a.product, a.branch_id, a.officer_id, a.pincode, a.state, a.acquisition_channel,
    CAST(year(a.disbursed_on) * 100 + month(a.disbursed_on) AS INTEGER) AS vintage,
    t.band AS ticket_band,
    coalesce(a.ended_on <= $as_of, false) AS ended,
    coalesce(a.written_off_on <= $as_of, false) AS written_off,
    c.bucket, c.sma, c.asset_class,
    p.dpd, p.outstanding_principal_paise AS principal_paise, p.overdue_paise, p.paid_paise, p.advance_paise,
    coalesce(v.provision_paise, 0) AS provision_paise,
    coalesce(v.provision_aged_paise, 0) AS provision_aged_paise,
    n.before_on,
    CASE WHEN b.loan_key IS NULL AND n.before_on IS NOT NULL THEN 'new' ELSE b.before_place END AS before_place,
    b.before_principal_paise, b.before_provision_paise, b.before_provision_aged_paise,
    n.open_on, n.open_known_on,
    CASE
      WHEN n.open_on IS NULL THEN NULL
      WHEN b.open_place IS NOT NULL THEN b.open_place
      WHEN a.disbursed_on > n.open_on THEN 'new'
      ELSE 'arrived'
    END AS open_place,
    -- a loan disbursed in the month opened with nothing; of one that the book learnt of since, the opening is not known
    CASE WHEN n.open_on IS NOT NULL AND a.disbursed_on > n.open_on THEN 0 END AS nothing_paise,
    b.open_principal_paise, b.open_overdue_paise, b.open_paid_paise, b.open_advance_paise, b.open_provision_paise, b.open_provision_aged_paise,
    d.month_due_paise AS uneven_due_paise,
    coalesce(b.month_due_paise, 0) AS before_due_paise
  FROM account AS a
  INNER JOIN position AS p ON p.loan_key = a.loan_key
  INNER JOIN classification AS c ON c.loan_key = a.loan_key
  CROSS JOIN anchor AS n
  LEFT JOIN policy_ticket_band AS t ON a.principal_paise BETWEEN t.ticket_from_paise AND t.ticket_to_paise AND t.effective_from <= $as_of AND t.effective_to >= $as_of
  LEFT JOIN provided AS v ON v.loan_key = a.loan_key
  LEFT JOIN past AS b ON b.loan_id = a.loan_id
  LEFT JOIN dues AS d ON d.loan_key = a.loan_key
  WHERE a.ended_on IS NULL OR a.ended_on > n.month_end_on
)
SELECT
  s.loan_key, s.loan_id, s.product, s.branch_id, s.officer_id, s.pincode, s.state, s.acquisition_channel, s.vintage, s.ticket_band,
  CASE WHEN s.ended THEN 'closed' WHEN s.written_off THEN 'written_off' ELSE s.bucket END AS place,
  s.bucket, s.sma, s.asset_class,
  s.dpd,
  s.asset_class <> 'standard' AND NOT s.written_off AS npa,
  s.principal_paise, s.overdue_paise, s.paid_paise, s.advance_paise, s.provision_paise, s.provision_aged_paise,
  s.before_on, s.before_place, s.before_principal_paise, s.before_provision_paise, s.before_provision_aged_paise,
  s.open_on, s.open_known_on, s.open_place,
  coalesce(s.open_principal_paise, s.nothing_paise) AS open_principal_paise,
  coalesce(s.open_overdue_paise, s.nothing_paise) AS open_overdue_paise,
  coalesce(s.open_paid_paise, s.nothing_paise) AS open_paid_paise,
  coalesce(s.open_advance_paise, s.nothing_paise) AS open_advance_paise,
  coalesce(s.open_provision_paise, s.nothing_paise) AS open_provision_paise,
  coalesce(s.open_provision_aged_paise, s.nothing_paise) AS open_provision_aged_paise,
  CASE
    WHEN s.open_place IS NULL OR s.open_place IN ('arrived', 'closed') THEN NULL
    WHEN s.uneven_due_paise IS NOT NULL THEN s.uneven_due_paise
    WHEN s.ended THEN s.before_due_paise
    -- what has fallen due: what was paid, with what is overdue, without what was paid ahead
    ELSE greatest(0, (s.paid_paise + s.overdue_paise - s.advance_paise)
      - coalesce(s.open_paid_paise + s.open_overdue_paise - s.open_advance_paise, 0))
  END AS month_due_paise
FROM standing AS s
ORDER BY s.loan_key
