-- stale: the loans whose state has to be worked out. Without a yesterday that can be carried on, all of them.
-- Inputs: account.
SELECT a.loan_key
FROM account AS a
WHERE a.disbursed_on <= $as_of
ORDER BY a.loan_key
