-- treatment: one plan per person and not per loan. The loan that leads is the one with the worst lenient dpd; the stage
-- ladder of the policy names the treatment, product-specific rows before general ones. Nobody acts where a death, a window
-- of relief, a loan missing from the extract or an unreliable schedule says so. Features C2, C3, A11.
-- Inputs: account, position, contact_dpd, asset_memory, relief_window, policy_stage.
WITH loans AS (
  SELECT
    a.borrower_key, a.borrower_id, a.loan_id, a.branch_id, a.officer_id, a.product, c.dpd, p.overdue_paise, p.outstanding_principal_paise,
    a.deceased_on <= $as_of AS deceased,
    a.schedule_unreliable,
    a.missing_since IS NOT NULL AS missing,
    w.kind AS relief,
    row_number() OVER (PARTITION BY a.borrower_key ORDER BY c.dpd DESC, p.overdue_paise DESC, a.loan_id) AS place
  FROM position AS p
  INNER JOIN account AS a ON a.loan_key = p.loan_key
  INNER JOIN contact_dpd AS c ON c.loan_key = p.loan_key
  LEFT JOIN (
    SELECT r.loan_key, min(r.kind) AS kind
    FROM relief_window AS r
    WHERE r.from_on <= $as_of AND r.to_on >= $as_of AND r.known_on <= $as_of
    GROUP BY r.loan_key
  ) AS w ON w.loan_key = a.loan_key
  WHERE p.overdue_paise > 0 AND c.dpd > 0
),
people AS (
  SELECT
    l.borrower_key,
    CAST(count(l.loan_id) AS INTEGER) AS loans_overdue,
    CAST(sum(l.overdue_paise) AS BIGINT) AS overdue_paise,
    bool_or(coalesce(l.deceased, false)) AS deceased,
    min(l.relief) AS relief,
    bool_or(l.schedule_unreliable) AS schedule_unreliable,
    bool_or(l.missing) AS missing
  FROM loans AS l
  GROUP BY l.borrower_key
),
owed AS (
  SELECT p.borrower_key, CAST(sum(p.outstanding_principal_paise) AS BIGINT) AS outstanding_principal_paise
  FROM position AS p
  INNER JOIN people AS q ON q.borrower_key = p.borrower_key
  GROUP BY p.borrower_key
),
candidates AS (
  SELECT
    l.borrower_key, k.rule_id, k.stage, k.treatment, k.channel, k.worked_by,
    row_number() OVER (PARTITION BY l.borrower_key ORDER BY k.priority, k.rule_id) AS choice
  FROM loans AS l
  INNER JOIN owed AS o ON o.borrower_key = l.borrower_key
  LEFT JOIN asset_memory AS m ON m.borrower_id = l.borrower_id
  INNER JOIN policy_stage AS k ON l.dpd BETWEEN k.dpd_from AND k.dpd_to
    AND k.npa = (m.npa_on IS NOT NULL)
    AND (upper(l.product) = upper(k.product)
      OR (right(k.product, 1) = '*' AND upper(left(l.product, length(k.product) - 1)) = upper(left(k.product, length(k.product) - 1))))
    AND o.outstanding_principal_paise BETWEEN k.ticket_from_paise AND k.ticket_to_paise
    AND k.effective_from <= $as_of AND k.effective_to >= $as_of
  WHERE l.place = 1
),
held AS (
  SELECT
    q.borrower_key,
    CASE
      WHEN q.deceased THEN 'deceased'
      WHEN q.relief IS NOT NULL THEN q.relief
      WHEN q.missing THEN 'missing_from_extract'
      WHEN q.schedule_unreliable THEN 'schedule_unreliable'
    END AS hold_reason
  FROM people AS q
)
SELECT
  l.borrower_id,
  CAST($as_of AS DATE) AS as_of,
  l.loan_id AS lead_loan_id,
  q.loans_overdue,
  l.branch_id,
  l.officer_id,
  l.product,
  l.dpd,
  q.overdue_paise,
  o.outstanding_principal_paise,
  m.npa_on IS NOT NULL AS npa,
  c.stage,
  c.treatment,
  c.channel,
  CASE WHEN h.hold_reason IS NOT NULL THEN 'nobody' ELSE c.worked_by END AS worked_by,
  h.hold_reason,
  c.rule_id
FROM loans AS l
INNER JOIN people AS q ON q.borrower_key = l.borrower_key
INNER JOIN owed AS o ON o.borrower_key = l.borrower_key
INNER JOIN candidates AS c ON c.borrower_key = l.borrower_key AND c.choice = 1
INNER JOIN held AS h ON h.borrower_key = l.borrower_key
LEFT JOIN asset_memory AS m ON m.borrower_id = l.borrower_id
WHERE l.place = 1
ORDER BY l.borrower_id
