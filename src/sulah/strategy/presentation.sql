-- presentation: what becomes of the latest returned debit of each loan and mandate: presented again on which day and for how much, or
-- why not. Tries are the returns of the loan and mandate in the days of a cycle up to the latest. A debit is asked for once: on or after
-- the next due date it goes with the next instalment. Never more than is overdue now, than came back, or than the mandate allows.
-- Nothing is presented from here: the list goes to the sponsor bank.
-- Inputs: bounce_known, mandate_known (each id once, as sent last), account, position, policy_bounce_reason, policy_presentation.
WITH returned AS (
  SELECT
    b.bounce_id, b.loan_id, coalesce(b.mandate_id, '') AS mandate_id, b.presented_on, b.amount_paise, b.reason_code,
    m.max_amount_paise, lower(coalesce(m.status, '')) AS mandate_status,
    coalesce(m.kind, CASE WHEN regexp_full_match(coalesce(b.reason_code, ''), '[0-9]{1,2}') THEN 'nach' ELSE 'upi_autopay' END) AS kind,
    CASE WHEN length(trim(coalesce(b.reason_code, ''))) = 1 THEN '0' ELSE '' END || upper(trim(coalesce(b.reason_code, ''))) AS code
  FROM bounce_known AS b
  LEFT JOIN mandate_known AS m ON m.mandate_id = b.mandate_id
  WHERE b.presented_on <= $as_of
),
latest AS (
  SELECT
    r.bounce_id, r.loan_id, r.mandate_id, r.presented_on, r.amount_paise, r.reason_code, r.code, r.max_amount_paise, r.mandate_status, r.kind,
    CASE r.kind WHEN 'nach' THEN 'nach' ELSE 'upi' END AS system
  FROM returned AS r
  QUALIFY row_number() OVER (PARTITION BY r.loan_id, r.mandate_id ORDER BY r.presented_on DESC, r.bounce_id DESC) = 1
),
tried AS (
  SELECT l.bounce_id, CAST(count(r.bounce_id) AS INTEGER) AS tries
  FROM latest AS l
  INNER JOIN policy_presentation AS w ON w.system = l.system AND w.effective_from <= $as_of AND w.effective_to >= $as_of
  INNER JOIN returned AS r ON r.loan_id = l.loan_id AND r.mandate_id = l.mandate_id
    AND r.presented_on > CAST(l.presented_on - to_days(CAST(w.cycle_days AS INTEGER)) AS DATE)
  GROUP BY l.bounce_id
),
judged AS (
  SELECT
    l.loan_id, l.mandate_id, l.bounce_id, l.kind, a.product, a.branch_id, l.presented_on, l.amount_paise, l.reason_code, l.mandate_status,
    l.max_amount_paise, a.ended_on, p.overdue_paise, p.next_due_on,
    coalesce(n.because, y.because) AS because,
    coalesce(n.again, y.again) AS again,
    coalesce(n.rule_id, y.rule_id) AS reason_rule_id,
    coalesce(t.tries, 1) AS tries,
    CAST(w.tries AS INTEGER) AS tries_allowed,
    w.slots,
    w.rule_id,
    greatest(
      CAST(CAST($as_of AS DATE) + to_days(CAST(w.notice_days AS INTEGER)) AS DATE),
      CAST(l.presented_on + to_days(CAST(w.gap_days AS INTEGER)) AS DATE)
    ) AS first_on
  FROM latest AS l
  INNER JOIN account AS a ON a.loan_id = l.loan_id
  INNER JOIN position AS p ON p.loan_id = l.loan_id
  LEFT JOIN tried AS t ON t.bounce_id = l.bounce_id
  LEFT JOIN policy_presentation AS w ON w.system = l.system AND w.effective_from <= $as_of AND w.effective_to >= $as_of
  LEFT JOIN policy_bounce_reason AS n ON n.system = l.system AND n.code = l.code AND n.effective_from <= $as_of AND n.effective_to >= $as_of
  LEFT JOIN policy_bounce_reason AS y ON y.system = l.system AND y.code = '*' AND y.effective_from <= $as_of AND y.effective_to >= $as_of
),
decided AS (
  SELECT
    j.loan_id, j.mandate_id, j.bounce_id, j.kind, j.product, j.branch_id, j.presented_on, j.amount_paise, j.reason_code, j.because, j.tries,
    j.tries_allowed, j.max_amount_paise, j.slots, j.overdue_paise, j.next_due_on, j.reason_rule_id, j.rule_id, j.first_on,
    CASE
      WHEN j.ended_on IS NOT NULL AND j.ended_on <= $as_of THEN 'loan_ended'
      WHEN j.overdue_paise = 0 THEN 'paid_since'
      WHEN j.rule_id IS NULL OR j.again IS NULL THEN 'no_rule'
      WHEN j.mandate_status IN ('cancelled', 'canceled', 'closed', 'expired', 'inactive', 'paused', 'rejected', 'revoked', 'suspended') THEN 'mandate_ended'
      WHEN j.again = 'no' THEN 'never'
      WHEN j.again = 'after_change' THEN 'after_change'
      WHEN j.tries >= j.tries_allowed THEN 'tries_used_up'
      WHEN j.first_on >= j.next_due_on THEN 'with_next_instalment'
      ELSE 'planned'
    END AS outcome
  FROM judged AS j
)
SELECT
  d.loan_id, d.mandate_id, d.bounce_id, d.kind, d.product, d.branch_id, d.presented_on, d.amount_paise, d.reason_code, d.because, d.tries,
  d.tries_allowed, d.outcome,
  CASE WHEN d.outcome = 'planned' THEN d.first_on END AS present_on,
  CASE WHEN d.outcome = 'planned' THEN least(d.amount_paise, d.overdue_paise, d.max_amount_paise) END AS present_paise,
  d.slots, d.overdue_paise, d.next_due_on, d.reason_rule_id, d.rule_id
FROM decided AS d
