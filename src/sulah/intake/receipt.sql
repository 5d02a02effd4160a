-- receipt: every entry of money received, signed, with the day-ends between which it counts (ADR 2, points 1-5). Older rows
-- stay as they were; those that the lender took back or changed stop counting on the day that became known.
-- Inputs: receipt_change, previous_receipt.
WITH carried AS (
  SELECT
    p.loan_key, p.effective_on,
    CASE WHEN c.old_id IS NOT NULL AND p.void_on = DATE '9999-12-31' THEN greatest(p.effective_on, c.change_known_on) ELSE p.void_on END AS void_on,
    p.amount_paise, p.paid_on, p.known_on, p.repayment_id, p.entry, p.reverses_id, p.mode, p.officer_id
  FROM previous_receipt AS p
  LEFT JOIN receipt_change AS c ON c.old_loan_key = p.loan_key AND c.old_id = p.repayment_id
)
SELECT k.loan_key, k.effective_on, k.void_on, k.amount_paise, k.paid_on, k.known_on, k.repayment_id, k.entry, k.reverses_id, k.mode, k.officer_id
FROM carried AS k
WHERE k.void_on > k.effective_on
UNION ALL
SELECT f.new_loan_key, greatest(f.paid_on, f.known_on), DATE '9999-12-31', f.amount_paise, f.paid_on, f.known_on, f.new_id, f.entry, f.reverses_id, f.mode, f.officer_id
FROM receipt_change AS f
WHERE f.new_id IS NOT NULL
ORDER BY loan_key, effective_on, repayment_id, void_on
