-- stale, one day on: loans that were not there yesterday, whose rows are not those that yesterday read (touched), or whose own
-- next date has come: a due, another schedule, a receipt that begins or ceases to count, the end of the loan.
-- Inputs: account, touched, previous.state.
SELECT a.loan_key
FROM account AS a
LEFT JOIN previous.state AS s ON s.loan_key = a.loan_key
LEFT JOIN touched AS t ON t.loan_key = a.loan_key
WHERE a.disbursed_on <= $as_of AND (s.loan_key IS NULL OR s.next_change_on <= $as_of OR t.loan_key IS NOT NULL)
ORDER BY a.loan_key
