-- due: instalments with running totals, one complete set of rows for every schedule version of a loan (ADR 2, points 6-7).
-- A loan whose rows are as in the load before keeps its history; any other takes its new rows from this load's as_of on.
-- A known loan with a refused row, or with no rows at all, keeps the schedule it had: half a schedule is no re-schedule.
-- Inputs: instalment, schedule_change, previous_due, intake_run.
WITH composed AS (
  -- rows of loans with several versions or with totals only: their schedule is put together
  SELECT
    c.loan_key, i.number, i.due_on, coalesce(i.valid_from, DATE '0001-01-01') AS version,
    i.principal_due_paise, i.interest_due_paise, i.charge_due_paise,
    coalesce(i.total_due_paise, coalesce(i.principal_due_paise, 0) + coalesce(i.interest_due_paise, 0) + coalesce(i.charge_due_paise, 0)) AS total_paise,
    i.principal_due_paise IS NULL AND i.interest_due_paise IS NULL AND i.charge_due_paise IS NULL AS total_only
  FROM instalment AS i
  INNER JOIN schedule_change AS c ON c.loan_id = i.loan_id
  WHERE c.composed
),
versions AS (
  SELECT g.loan_key, g.version, min(g.number) AS first_number
  FROM composed AS g
  GROUP BY g.loan_key, g.version
),
moments AS (
  -- the day-ends at which another set of rows takes effect, and the versions that it is put together from
  SELECT DISTINCT
    v.loan_key,
    CASE WHEN n.first_load OR v.version > n.as_of OR (c.new_loan AND v.version = DATE '0001-01-01') THEN v.version ELSE n.as_of END AS known_version,
    greatest(CASE WHEN n.first_load OR v.version > n.as_of OR (c.new_loan AND v.version = DATE '0001-01-01') THEN v.version ELSE n.as_of END, c.disbursed_on) AS starts_on
  FROM versions AS v
  INNER JOIN schedule_change AS c ON c.loan_key = v.loan_key
  CROSS JOIN intake_run AS n
),
spans AS (
  SELECT
    m.loan_key, m.known_version, m.starts_on,
    coalesce(lead(m.starts_on) OVER (PARTITION BY m.loan_key ORDER BY m.starts_on, m.known_version), DATE '9999-12-31') AS ends_on
  FROM moments AS m
),
assembled AS (
  SELECT g.loan_key, s.starts_on, s.ends_on, g.number, g.due_on, g.total_only, g.total_paise, g.principal_due_paise, g.interest_due_paise, g.charge_due_paise
  FROM composed AS g
  INNER JOIN spans AS s ON s.loan_key = g.loan_key AND g.version <= s.known_version AND s.starts_on < s.ends_on
  LEFT JOIN versions AS w ON w.loan_key = g.loan_key AND w.version > g.version AND w.version <= s.known_version AND w.first_number <= g.number
  WHERE w.loan_key IS NULL
),
shares AS (
  -- principal of rows that give only a total: pro rata of the totals, largest remainder
  SELECT
    x.loan_key, x.starts_on, x.number, x.due_on,
    CAST(x.total_paise AS HUGEINT) * p.to_split // p.totals AS base,
    CAST(x.total_paise AS HUGEINT) * p.to_split % p.totals AS remainder,
    p.to_split
  FROM assembled AS x
  INNER JOIN (
    SELECT
      y.loan_key, y.starts_on,
      CAST(sum(CASE WHEN y.total_only THEN y.total_paise END) AS HUGEINT) AS totals,
      greatest(0, least(
        CAST(sum(CASE WHEN y.total_only THEN y.total_paise END) AS BIGINT),
        max(c.principal_paise) - CAST(sum(CASE WHEN y.total_only THEN 0 ELSE coalesce(y.principal_due_paise, 0) END) AS BIGINT)
      )) AS to_split
    FROM assembled AS y
    INNER JOIN schedule_change AS c ON c.loan_key = y.loan_key
    GROUP BY y.loan_key, y.starts_on
    HAVING sum(CASE WHEN y.total_only THEN y.total_paise END) > 0
  ) AS p ON p.loan_key = x.loan_key AND p.starts_on = x.starts_on
  WHERE x.total_only
),
split AS (
  SELECT
    h.loan_key, h.starts_on, h.number, h.due_on,
    CAST(h.base + CASE
      WHEN row_number() OVER (PARTITION BY h.loan_key, h.starts_on ORDER BY h.remainder DESC, h.due_on, h.number)
        <= h.to_split - sum(h.base) OVER (PARTITION BY h.loan_key, h.starts_on) THEN 1 ELSE 0 END AS BIGINT) AS principal_paise
  FROM shares AS h
),
headed AS (
  SELECT
    x.loan_key, x.number, x.due_on, x.starts_on, x.ends_on, x.total_paise,
    CASE WHEN x.total_only THEN coalesce(s.principal_paise, 0) ELSE coalesce(x.principal_due_paise, 0) END AS principal_paise,
    CASE WHEN x.total_only THEN x.total_paise - coalesce(s.principal_paise, 0) ELSE coalesce(x.interest_due_paise, 0) END AS interest_paise,
    CASE WHEN x.total_only THEN 0 ELSE coalesce(x.charge_due_paise, 0) END AS charge_paise
  FROM assembled AS x
  LEFT JOIN split AS s ON s.loan_key = x.loan_key AND s.starts_on = x.starts_on AND s.number = x.number AND s.due_on = x.due_on
  WHERE x.total_paise > 0
),
whole AS (
  SELECT h.loan_key, h.number, h.due_on, h.starts_on, h.ends_on, h.principal_paise, h.interest_paise, h.charge_paise
  FROM headed AS h
  UNION ALL
  -- one version with heads: it counts as it stands
  SELECT
    c.loan_key, i.number, i.due_on, greatest(CASE WHEN n.first_load OR c.new_loan THEN c.disbursed_on ELSE n.as_of END, c.disbursed_on), DATE '9999-12-31',
    coalesce(i.principal_due_paise, 0), coalesce(i.interest_due_paise, 0), coalesce(i.charge_due_paise, 0)
  FROM instalment AS i
  INNER JOIN schedule_change AS c ON c.loan_id = i.loan_id
  CROSS JOIN intake_run AS n
  WHERE NOT c.composed AND coalesce(i.total_due_paise, coalesce(i.principal_due_paise, 0) + coalesce(i.interest_due_paise, 0) + coalesce(i.charge_due_paise, 0)) > 0
),
kept AS (
  -- versions that the load before had: as they were, or cut off where this load says otherwise
  SELECT
    d.loan_key, d.number, d.due_on, d.in_force_from,
    CASE WHEN c.loan_key IS NULL THEN d.in_force_to ELSE least(d.in_force_to, n.as_of) END AS in_force_to,
    d.principal_paise, d.interest_paise, d.charge_paise, d.cum_due_paise, d.cum_principal_paise, d.cum_interest_paise
  FROM previous_due AS d
  CROSS JOIN intake_run AS n
  LEFT JOIN schedule_change AS c ON c.loan_key = d.loan_key
  WHERE c.loan_key IS NULL OR d.in_force_from < n.as_of
),
made AS (
  SELECT
    h.loan_key, h.number, h.due_on, h.starts_on AS in_force_from, h.ends_on AS in_force_to,
    h.principal_paise, h.interest_paise, h.charge_paise,
    CAST(sum(h.principal_paise + h.interest_paise + h.charge_paise) OVER running AS BIGINT) AS cum_due_paise,
    CAST(sum(h.principal_paise) OVER running AS BIGINT) AS cum_principal_paise,
    CAST(sum(h.interest_paise) OVER running AS BIGINT) AS cum_interest_paise
  FROM whole AS h
  WINDOW running AS (PARTITION BY h.loan_key, h.starts_on ORDER BY h.due_on, h.number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT k.loan_key, k.number, k.due_on, k.in_force_from, k.in_force_to, k.principal_paise, k.interest_paise, k.charge_paise, k.cum_due_paise, k.cum_principal_paise, k.cum_interest_paise
FROM kept AS k
UNION ALL
SELECT m.loan_key, m.number, m.due_on, m.in_force_from, m.in_force_to, m.principal_paise, m.interest_paise, m.charge_paise, m.cum_due_paise, m.cum_principal_paise, m.cum_interest_paise
FROM made AS m
ORDER BY loan_key, in_force_from, due_on, number
