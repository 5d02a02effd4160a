-- touched: loans whose rows in account, due, receipt or relief_window are not those of the load before; all loans of a
-- first load. The lender's own figures (lms_dpd, lms_dpd_count, lms_class, lms_npa_on) and extract_on do not touch a loan:
-- they change daily and no figure of ours hangs on them alone. Inputs: account, schedule_change, receipt_change,
-- relief_window, previous_account, previous_relief_window.
WITH windows AS (
  SELECT w.loan_key, w.kind, w.from_on, w.to_on, w.counts, w.known_on
  FROM relief_window AS w
  EXCEPT
  SELECT p.loan_key, p.kind, p.from_on, p.to_on, p.counts, p.known_on
  FROM previous_relief_window AS p
),
windows_gone AS (
  SELECT p.loan_key, p.kind, p.from_on, p.to_on, p.counts, p.known_on
  FROM previous_relief_window AS p
  EXCEPT
  SELECT w.loan_key, w.kind, w.from_on, w.to_on, w.counts, w.known_on
  FROM relief_window AS w
),
moved AS (
  SELECT a.loan_key
  FROM account AS a
  LEFT JOIN previous_account AS o ON o.loan_key = a.loan_key
  WHERE o.loan_key IS NULL
    OR a.borrower_key IS DISTINCT FROM o.borrower_key OR a.loan_id IS DISTINCT FROM o.loan_id OR a.borrower_id IS DISTINCT FROM o.borrower_id
    OR a.product IS DISTINCT FROM o.product OR a.branch_id IS DISTINCT FROM o.branch_id OR a.officer_id IS DISTINCT FROM o.officer_id
    OR a.pincode IS DISTINCT FROM o.pincode OR a.state IS DISTINCT FROM o.state OR a.centre_id IS DISTINCT FROM o.centre_id
    OR a.disbursed_on IS DISTINCT FROM o.disbursed_on OR a.principal_paise IS DISTINCT FROM o.principal_paise OR a.secured IS DISTINCT FROM o.secured
    OR a.frequency IS DISTINCT FROM o.frequency OR a.acquisition_channel IS DISTINCT FROM o.acquisition_channel OR a.status IS DISTINCT FROM o.status
    OR a.ended_on IS DISTINCT FROM o.ended_on OR a.written_off_on IS DISTINCT FROM o.written_off_on OR a.restructured_on IS DISTINCT FROM o.restructured_on
    OR a.restructured_known_on IS DISTINCT FROM o.restructured_known_on OR a.moratorium_from IS DISTINCT FROM o.moratorium_from OR a.moratorium_to IS DISTINCT FROM o.moratorium_to
    OR a.opening_on IS DISTINCT FROM o.opening_on OR a.co_lender IS DISTINCT FROM o.co_lender OR a.deceased_on IS DISTINCT FROM o.deceased_on
    OR a.split_imputed IS DISTINCT FROM o.split_imputed OR a.schedule_unreliable IS DISTINCT FROM o.schedule_unreliable OR a.first_seen_on IS DISTINCT FROM o.first_seen_on
    OR a.history_from IS DISTINCT FROM o.history_from OR a.missing_since IS DISTINCT FROM o.missing_since OR a.opening_apart IS DISTINCT FROM o.opening_apart
    OR a.bucket_key IS DISTINCT FROM o.bucket_key
  UNION
  SELECT s.loan_key FROM schedule_change AS s
  UNION
  SELECT r.new_loan_key FROM receipt_change AS r WHERE r.new_loan_key IS NOT NULL
  UNION
  SELECT r.old_loan_key FROM receipt_change AS r WHERE r.old_loan_key IS NOT NULL
  UNION
  SELECT w.loan_key FROM windows AS w
  UNION
  SELECT w.loan_key FROM windows_gone AS w
)
SELECT a.loan_key, a.loan_id
FROM account AS a
INNER JOIN moved AS m ON m.loan_key = a.loan_key
ORDER BY a.loan_key
