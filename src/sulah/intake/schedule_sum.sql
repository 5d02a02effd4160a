-- schedule_sum: the instalments of each loan in a few figures, worked out in one pass: what they add up to, whether they
-- contradict themselves, and two sums of hashes over the rows, whatever their order, by which a changed schedule is known. The
-- hashes are the engine's own and never stored. Inputs: instalment.
WITH repeated AS (
  -- where only totals are given no sum proves the schedule, so one that names a day twice is not believed
  SELECT i.loan_id
  FROM instalment AS i
  WHERE i.valid_from IS NULL AND i.principal_due_paise IS NULL AND i.interest_due_paise IS NULL AND i.charge_due_paise IS NULL
  GROUP BY i.loan_id
  HAVING count(DISTINCT i.due_on) < count(*)
),
summed AS (
  SELECT
    i.loan_id,
    count(*) AS instalments,
    count(CASE WHEN i.valid_from IS NULL THEN 1 END) AS first_rows,
    max(CASE WHEN i.valid_from IS NULL THEN i.number END) - min(CASE WHEN i.valid_from IS NULL THEN i.number END) + 1 AS first_numbers,
    bool_or(i.principal_due_paise IS NULL AND i.interest_due_paise IS NULL AND i.charge_due_paise IS NULL) AS split_imputed,
    CAST(sum(CASE WHEN i.valid_from IS NULL THEN coalesce(i.principal_due_paise, 0) END) AS BIGINT) AS principal_paise,
    CAST(sum(CASE WHEN i.valid_from IS NULL THEN i.total_due_paise END) AS BIGINT) AS total_paise,
    min(i.due_on) AS first_due_on,
    sum(hash(i.number, i.due_on, i.valid_from, i.principal_due_paise, i.interest_due_paise, i.charge_due_paise, i.total_due_paise)) AS first_sum,
    sum(hash(i.total_due_paise, i.charge_due_paise, i.interest_due_paise, i.principal_due_paise, i.valid_from, i.due_on, i.number)) AS second_sum
  FROM instalment AS i
  GROUP BY i.loan_id
)
SELECT
  s.loan_id, s.instalments, s.split_imputed, s.principal_paise, s.total_paise, s.first_due_on,
  s.split_imputed OR s.first_rows < s.instalments AS composed,
  s.first_numbers > s.first_rows AS gaps,
  r.loan_id IS NOT NULL AS overlaps,
  s.first_sum, s.second_sum
FROM summed AS s
LEFT JOIN repeated AS r ON r.loan_id = s.loan_id
