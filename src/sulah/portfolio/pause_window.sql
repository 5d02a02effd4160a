-- pause_window: relief windows known on the day, cut at the day and merged so that no two of a loan overlap.
-- Inputs: relief_window. ADR 2, point 9.
WITH known AS (
  SELECT w.loan_key, w.from_on, least(w.to_on, CAST($as_of AS DATE)) AS to_on
  FROM relief_window AS w
  WHERE NOT w.counts AND w.known_on <= $as_of AND w.from_on <= $as_of
),
marked AS (
  SELECT
    k.loan_key, k.from_on, k.to_on,
    CASE WHEN k.from_on <= max(k.to_on) OVER (PARTITION BY k.loan_key ORDER BY k.from_on, k.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins
  FROM known AS k
),
numbered AS (
  SELECT
    m.loan_key, m.from_on, m.to_on,
    sum(m.begins) OVER (PARTITION BY m.loan_key ORDER BY m.from_on, m.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
  FROM marked AS m
)
SELECT n.loan_key, min(n.from_on) AS from_on, max(n.to_on) AS to_on
FROM numbered AS n
GROUP BY n.loan_key, n.island
ORDER BY n.loan_key, min(n.from_on)
