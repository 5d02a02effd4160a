-- difference: loans where our dpd, class or NPA date and the lender's differ, like with like, with the likely cause.
-- Figures of an older extract are not held against a later day. A lender that does not say how it counts is taken to count elapsed days, as most systems export.
-- Inputs: account, state, position, classification, due, receipt, relief_window.
WITH named AS (
  -- the lender's words for a class, each read once
  SELECT
    w.lms_class,
    w.given_class,
    CASE
      WHEN w.given_class IN ('standard', 'std', 'regular', 'current', 'performing', 'stage_1') THEN 'standard'
      WHEN w.given_class IN ('sma_0', 'sma0') THEN 'sma_0'
      WHEN w.given_class IN ('sma_1', 'sma1') THEN 'sma_1'
      WHEN w.given_class IN ('sma_2', 'sma2') THEN 'sma_2'
      WHEN w.given_class IN ('npa', 'sub_standard', 'substandard', 'doubtful', 'doubtful_1', 'doubtful_2', 'doubtful_3', 'd1', 'd2', 'd3', 'loss', 'stage_3') THEN 'npa'
    END AS their_class
  FROM (
    SELECT DISTINCT a.lms_class, regexp_replace(lower(trim(a.lms_class)), '[^a-z0-9]+', '_', 'g') AS given_class
    FROM account AS a
    WHERE a.lms_class IS NOT NULL
  ) AS w
),
compared AS (
  SELECT
    a.loan_key, a.loan_id, a.borrower_id, a.branch_id, a.pincode, p.as_of, p.overdue_paise, a.status, a.schedule_unreliable, a.opening_on,
    a.lms_dpd, a.lms_npa_on, p.dpd, p.dpd_elapsed, c.npa_on, c.borrower_dpd, s.settled_paise, a.disbursed_on, a.ended_on,
    CASE WHEN a.lms_dpd_count = 'inclusive' THEN p.dpd ELSE p.dpd_elapsed END AS like_dpd,
    CASE WHEN a.lms_dpd_count = 'inclusive' THEN p.dpd_elapsed ELSE p.dpd END AS other_dpd,
    CASE WHEN c.asset_class <> 'standard' THEN 'npa' WHEN c.sma <> 'none' THEN c.sma ELSE 'standard' END AS our_class,
    n.given_class, n.their_class
  FROM position AS p
  INNER JOIN account AS a ON a.loan_key = p.loan_key
  INNER JOIN state AS s ON s.loan_key = p.loan_key
  INNER JOIN classification AS c ON c.loan_key = p.loan_key
  LEFT JOIN named AS n ON n.lms_class = a.lms_class
  WHERE a.extract_on = $as_of
),
apart AS (
  SELECT
    x.loan_key, x.loan_id, x.borrower_id, x.branch_id, x.pincode, x.as_of, x.overdue_paise, x.status, x.schedule_unreliable, x.opening_on,
    x.lms_dpd, x.lms_npa_on, x.dpd, x.dpd_elapsed, x.npa_on, x.borrower_dpd, x.settled_paise, x.disbursed_on, x.ended_on,
    x.like_dpd, x.other_dpd, x.our_class, x.given_class, x.their_class
  FROM compared AS x
  WHERE x.lms_dpd <> x.like_dpd
    OR (x.given_class IS NOT NULL AND x.our_class <> coalesce(x.their_class, ''))
    OR (x.lms_npa_on IS NOT NULL AND x.npa_on IS DISTINCT FROM x.lms_npa_on)
),
receipts AS (
  SELECT
    r.loan_key,
    bool_or(r.paid_on <= $as_of AND r.effective_on > $as_of) AS not_counted_yet,
    bool_or(r.known_on > r.paid_on AND r.effective_on <= $as_of AND date_diff('day', r.effective_on, CAST($as_of AS DATE)) <= 7) AS late_known,
    bool_or(r.entry = 'reversal' AND r.effective_on <= $as_of) AS reversed
  FROM receipt AS r
  INNER JOIN apart AS x ON x.loan_key = r.loan_key
  GROUP BY r.loan_key
),
versions AS (
  SELECT d.loan_key, count(DISTINCT d.in_force_from) AS versions
  FROM due AS d
  INNER JOIN apart AS x ON x.loan_key = d.loan_key
  WHERE d.in_force_from <= $as_of
  GROUP BY d.loan_key
),
relieved AS (
  SELECT DISTINCT w.loan_key FROM relief_window AS w WHERE NOT w.counts AND w.known_on <= $as_of
),
judged AS (
  SELECT
    x.loan_key, x.loan_id, x.borrower_id, x.branch_id, x.pincode, x.as_of, x.overdue_paise, x.lms_dpd, x.lms_npa_on, x.npa_on, x.like_dpd, x.our_class, x.their_class, x.given_class,
    CASE
      WHEN x.lms_dpd = x.other_dpd THEN 'counted_the_other_way'
      WHEN x.ended_on IS NOT NULL THEN 'ended_but_lender_ages_it'
      WHEN x.schedule_unreliable THEN 'schedule_unreliable'
      WHEN v.loan_key IS NOT NULL THEN 'relief_window_not_counted'
      WHEN r.not_counted_yet AND x.lms_dpd < x.like_dpd THEN 'receipt_not_known_yet'
      WHEN r.reversed AND x.lms_dpd < x.like_dpd THEN 'reversal_not_applied'
      WHEN r.late_known AND x.lms_dpd > x.like_dpd THEN 'late_receipt_not_applied'
      WHEN w.versions > 1 THEN 'reschedule_read_differently'
      WHEN x.lms_dpd < x.like_dpd AND x.overdue_paise > 0 AND x.settled_paise > 0 AND x.lms_dpd = 0 THEN 'part_payment_taken_as_full'
      WHEN abs(x.lms_dpd - x.like_dpd) = 1 THEN 'one_day_apart'
      WHEN x.lms_dpd > x.like_dpd THEN 'receipt_missing_at_lender'
      ELSE 'unexplained'
    END AS dpd_cause,
    CASE
      WHEN x.their_class IS NULL THEN 'class_not_understood'
      WHEN x.our_class = 'npa' AND x.status = 'written_off' THEN 'written_off'
      WHEN x.our_class = 'npa' AND x.their_class <> 'npa' AND x.borrower_dpd > x.dpd THEN 'other_loan_of_borrower'
      WHEN x.our_class = 'npa' AND x.their_class <> 'npa' THEN 'upgraded_without_full_arrears'
      WHEN x.our_class <> 'npa' AND x.their_class = 'npa' AND x.opening_on IS NULL AND x.lms_npa_on IS NOT NULL AND x.lms_npa_on < x.disbursed_on THEN 'npa_before_disbursal'
      WHEN x.lms_dpd IS NOT NULL AND x.lms_dpd <> x.like_dpd THEN 'follows_dpd'
      WHEN x.borrower_dpd > x.dpd THEN 'other_loan_of_borrower'
      WHEN x.like_dpd = x.lms_dpd AND x.dpd <> x.dpd_elapsed THEN 'counted_the_other_way'
      ELSE 'unexplained'
    END AS class_cause,
    CASE
      WHEN x.npa_on IS NULL THEN 'npa_at_lender_only'
      WHEN x.opening_on IS NOT NULL THEN 'history_missing'
      WHEN x.borrower_dpd > x.dpd THEN 'other_loan_of_borrower'
      WHEN abs(date_diff('day', x.npa_on, x.lms_npa_on)) <= 1 THEN 'counted_the_other_way'
      ELSE 'unexplained'
    END AS npa_cause
  FROM apart AS x
  LEFT JOIN receipts AS r ON r.loan_key = x.loan_key
  LEFT JOIN versions AS w ON w.loan_key = x.loan_key
  LEFT JOIN relieved AS v ON v.loan_key = x.loan_key
),
listed AS (
  SELECT j.loan_key, j.loan_id, j.borrower_id, j.branch_id, j.pincode, j.as_of, 'dpd' AS field, CAST(j.like_dpd AS VARCHAR) AS ours, CAST(j.lms_dpd AS VARCHAR) AS theirs, CAST(j.like_dpd - j.lms_dpd AS INTEGER) AS days_apart, j.dpd_cause AS cause, j.overdue_paise
  FROM judged AS j
  WHERE j.lms_dpd IS NOT NULL AND j.lms_dpd <> j.like_dpd
  UNION ALL
  SELECT j.loan_key, j.loan_id, j.borrower_id, j.branch_id, j.pincode, j.as_of, 'class', j.our_class, coalesce(j.their_class, j.given_class), CAST(NULL AS INTEGER), j.class_cause, j.overdue_paise
  FROM judged AS j
  WHERE j.given_class IS NOT NULL AND j.our_class <> coalesce(j.their_class, '')
  UNION ALL
  SELECT j.loan_key, j.loan_id, j.borrower_id, j.branch_id, j.pincode, j.as_of, 'npa_on', CAST(j.npa_on AS VARCHAR), CAST(j.lms_npa_on AS VARCHAR), CAST(date_diff('day', j.lms_npa_on, j.npa_on) AS INTEGER), j.npa_cause, j.overdue_paise
  FROM judged AS j
  WHERE j.lms_npa_on IS NOT NULL AND j.npa_on IS DISTINCT FROM j.lms_npa_on
)
SELECT l.loan_id, l.borrower_id, l.branch_id, l.pincode, l.as_of, l.field, l.ours, l.theirs, l.days_apart, l.cause, l.overdue_paise
FROM listed AS l
ORDER BY l.loan_key, l.field
