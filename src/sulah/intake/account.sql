-- account: a loan as the portfolio reads it. A loan and a person keep the key that they had in the load before; new ones
-- take the next free keys, side by side in the order of their people. A status other than
-- active gets the day-end from which it counts (ADR 2, point 10). A loan that the load before had and this one has not (or
-- refused) is carried as it was, marked missing: it is neither paid nor gone. Inputs: loan, borrower, schedule_sum, repayment,
-- previous_account, known_person and last_key (keys of the whole load before), quarantined_key, intake_run (as_of, first_load).
WITH placed AS (
  SELECT
    l.loan_id, l.borrower_id,
    CAST(('0x' || substr(sha256(l.borrower_id), 1, 3)) AS INTEGER) AS bucket_key
  FROM loan AS l
  UNION ALL
  SELECT o.loan_id, o.borrower_id, o.bucket_key
  FROM previous_account AS o
  WHERE o.loan_id NOT IN (SELECT l.loan_id FROM loan AS l)
),
person AS (
  SELECT k.borrower_id, k.borrower_key
  FROM known_person AS k
  UNION ALL
  SELECT
    f.borrower_id,
    CAST(row_number() OVER (ORDER BY f.bucket_key, f.borrower_id) + (SELECT z.borrower_key FROM last_key AS z) AS INTEGER)
  FROM (
    SELECT DISTINCT p.borrower_id, p.bucket_key
    FROM placed AS p
    LEFT JOIN known_person AS k ON k.borrower_id = p.borrower_id
    WHERE k.borrower_id IS NULL
  ) AS f
),
fresh AS (
  SELECT
    p.loan_id,
    CAST(row_number() OVER (ORDER BY p.bucket_key, p.borrower_id, p.loan_id)
      + (SELECT z.loan_key FROM last_key AS z) AS INTEGER) AS loan_key
  FROM placed AS p
  LEFT JOIN previous_account AS o ON o.loan_id = p.loan_id
  WHERE o.loan_id IS NULL
),
keyed AS (
  SELECT p.loan_id, coalesce(o.loan_key, f.loan_key) AS loan_key, n.borrower_key
  FROM placed AS p
  INNER JOIN person AS n ON n.borrower_id = p.borrower_id
  LEFT JOIN previous_account AS o ON o.loan_id = p.loan_id
  LEFT JOIN fresh AS f ON f.loan_id = p.loan_id
),
last_receipt AS (
  -- asked only where a first load brings a loan that has ended
  SELECT r.loan_id, max(r.paid_on) AS last_on
  FROM repayment AS r
  INNER JOIN loan AS e ON e.loan_id = r.loan_id AND e.status IN ('closed', 'settled', 'sold')
  INNER JOIN intake_run AS n ON n.first_load
  WHERE r.reverses_id IS NULL
    AND (coalesce(r.status, 'posted') = 'posted' OR r.repayment_id IN (SELECT u.reverses_id FROM repayment AS u WHERE u.reverses_id IS NOT NULL))
  GROUP BY r.loan_id
),
terms AS (
  SELECT
    l.loan_id,
    l.borrower_id,
    p.bucket_key,
    coalesce(l.status, 'active') AS status,
    l.status IN ('closed', 'settled', 'sold') AS ends,
    greatest(l.disbursed_on, coalesce(x.last_on, l.disbursed_on), coalesce(l.opening_on, l.disbursed_on)) AS last_own_on,
    coalesce(o.first_seen_on, CASE WHEN n.first_load THEN coalesce(l.opening_on, l.disbursed_on) ELSE n.as_of END) AS first_seen_on,
    n.as_of,
    n.first_load,
    coalesce(l.opening_on IS NOT NULL AND s.first_due_on > l.opening_on AND l.opening_principal_paid_paise > 0
      AND (s.split_imputed OR s.principal_paise <= l.principal_paise - l.opening_principal_paid_paise), false) AS opening_apart
  FROM loan AS l
  INNER JOIN placed AS p ON p.loan_id = l.loan_id
  CROSS JOIN intake_run AS n
  LEFT JOIN last_receipt AS x ON x.loan_id = l.loan_id
  LEFT JOIN previous_account AS o ON o.loan_id = l.loan_id
  LEFT JOIN schedule_sum AS s ON s.loan_id = l.loan_id
)
SELECT
  k.loan_key,
  k.borrower_key,
  t.loan_id,
  t.borrower_id,
  l.product,
  l.branch_id,
  l.officer_id,
  b.pincode,
  b.state,
  b.centre_id,
  l.disbursed_on,
  l.principal_paise,
  coalesce(l.secured, false) AS secured,
  l.frequency,
  l.acquisition_channel,
  t.status,
  CASE
    WHEN NOT coalesce(t.ends, false) THEN NULL
    WHEN o.ended_on IS NOT NULL THEN o.ended_on
    WHEN t.first_load THEN t.last_own_on
    ELSE t.as_of
  END AS ended_on,
  CASE
    WHEN t.status <> 'written_off' THEN NULL
    ELSE coalesce(o.written_off_on, t.as_of)
  END AS written_off_on,
  l.restructured_on,
  CASE
    WHEN l.restructured_on IS NULL THEN NULL
    WHEN o.restructured_on = l.restructured_on THEN o.restructured_known_on
    WHEN t.first_load THEN l.restructured_on
    ELSE greatest(l.restructured_on, t.as_of)
  END AS restructured_known_on,
  l.moratorium_from,
  l.moratorium_to,
  l.opening_on,
  l.lms_dpd,
  l.lms_dpd_count,
  l.lms_class,
  l.lms_npa_on,
  l.co_lender,
  b.deceased_on,
  coalesce(s.split_imputed, false) AS split_imputed,
  s.instalments IS NULL OR coalesce(s.gaps, false) OR s.overlaps OR (NOT s.split_imputed AND s.principal_paise <> l.principal_paise - CASE WHEN t.opening_apart THEN l.opening_principal_paid_paise ELSE 0 END)
    OR (s.split_imputed AND s.total_paise < l.principal_paise - CASE WHEN t.opening_apart THEN l.opening_principal_paid_paise ELSE 0 END)
    OR l.loan_id IN (SELECT regexp_replace(q.record_key, '[|][^|]*[|][^|]*$', '') FROM quarantined_key AS q WHERE q.table_name = 'instalment') AS schedule_unreliable,
  t.first_seen_on,
  coalesce(o.history_from, l.opening_on, l.disbursed_on) AS history_from,
  CAST(NULL AS DATE) AS missing_since,
  t.as_of AS extract_on,
  t.opening_apart,
  t.bucket_key
FROM terms AS t
INNER JOIN keyed AS k ON k.loan_id = t.loan_id
INNER JOIN loan AS l ON l.loan_id = t.loan_id
LEFT JOIN borrower AS b ON b.borrower_id = t.borrower_id
LEFT JOIN previous_account AS o ON o.loan_id = t.loan_id
LEFT JOIN schedule_sum AS s ON s.loan_id = t.loan_id
UNION ALL
SELECT
  k.loan_key, k.borrower_key, o.loan_id, o.borrower_id, o.product, o.branch_id, o.officer_id, o.pincode, o.state, o.centre_id, o.disbursed_on, o.principal_paise,
  o.secured, o.frequency, o.acquisition_channel, o.status, o.ended_on, o.written_off_on, o.restructured_on, o.restructured_known_on, o.moratorium_from,
  o.moratorium_to, o.opening_on, o.lms_dpd, o.lms_dpd_count, o.lms_class, o.lms_npa_on, o.co_lender, o.deceased_on, o.split_imputed, o.schedule_unreliable,
  o.first_seen_on, o.history_from, coalesce(o.missing_since, n.as_of), o.extract_on, o.opening_apart, o.bucket_key
FROM previous_account AS o
INNER JOIN keyed AS k ON k.loan_id = o.loan_id
CROSS JOIN intake_run AS n
WHERE o.loan_id NOT IN (SELECT l.loan_id FROM loan AS l)
ORDER BY loan_key
