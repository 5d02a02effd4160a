-- asset_memory: NPA entry, memory and upgrade folded over every day-end after the last committed day (or from the start
-- of known history), skipped ones included. A loan's oldest unpaid due date changes only when a receipt, a schedule
-- version, a relief window or its end does; between two such days dpd grows by one a day (or stands still in a window), so
-- each stretch yields the day-ends that breach the limit and the day-ends in arrears. Blocked day-ends (arrears or a watch)
-- join to islands; NPA runs from the first breach of an island to its end. ADR 2, points 9-17; RBI/2021-22/125.
-- Inputs: account, due, receipt, state, relief_window, watch, policy_asset_limit, policy_day_count, previous_day,
-- previous.asset_memory.
WITH span AS (
  SELECT
    coalesce(CAST(max(p.as_of) + INTERVAL 1 DAY AS DATE), DATE '0001-01-01') AS from_on,
    CAST($as_of AS DATE) AS to_on,
    coalesce(max(p.load_as_of), DATE '9999-12-31') AS load_as_of
  FROM previous_day AS p
),
tightest AS (
  SELECT CAST(min(p.dpd_from) - 1 AS INTEGER) AS most_days, CAST((min(p.dpd_from) - 1) // 2 AS INTEGER) AS half
  FROM policy_asset_limit AS p
  WHERE p.class = 'npa'
),
dued AS (
  -- what had fallen due by the end of each period of half the limit, of instalments old enough to breach it
  SELECT d.loan_key, date_diff('day', DATE '1900-01-01', d.due_on) // t.half AS period, max(d.cum_due_paise) AS due_paise
  FROM due AS d
  CROSS JOIN span AS n
  CROSS JOIN tightest AS t
  WHERE d.due_on <= CAST(n.to_on - to_days(t.most_days) AS DATE)
  GROUP BY d.loan_key, date_diff('day', DATE '1900-01-01', d.due_on) // t.half
),
paid_by AS (
  SELECT x.loan_key, x.period, CAST(sum(x.amount_paise) OVER (PARTITION BY x.loan_key ORDER BY x.period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS paid_paise
  FROM (
    SELECT r.loan_key, date_diff('day', DATE '1900-01-01', r.effective_on) // t.half AS period, CAST(sum(r.amount_paise) AS BIGINT) AS amount_paise
    FROM receipt AS r
    CROSS JOIN tightest AS t
    GROUP BY r.loan_key, date_diff('day', DATE '1900-01-01', r.effective_on) // t.half
  ) AS x
),
late AS (
  -- what falls due in a period and is paid by the end of the next is never older than the limit; where neither period has a
  -- receipt, nobody looks further back: more loans than needed are folded, never fewer
  SELECT DISTINCT d.loan_key
  FROM dued AS d
  LEFT JOIN paid_by AS p ON p.loan_key = d.loan_key AND p.period = d.period + 1
  LEFT JOIN paid_by AS q ON q.loan_key = d.loan_key AND q.period = d.period
  WHERE d.due_paise > coalesce(p.paid_paise, q.paid_paise, 0)
  UNION
  -- a paisa taken back, or another schedule, may open again what was settled
  SELECT r.loan_key FROM receipt AS r WHERE r.amount_paise < 0 OR r.void_on < DATE '9999-12-31'
  UNION
  SELECT d.loan_key FROM due AS d WHERE d.in_force_to < DATE '9999-12-31'
),
concerned AS (
  SELECT a.borrower_key
  FROM account AS a
  INNER JOIN late AS e ON e.loan_key = a.loan_key
  UNION
  SELECT a.borrower_key FROM account AS a INNER JOIN watch AS w ON w.loan_key = a.loan_key
  UNION
  SELECT a.borrower_key FROM account AS a WHERE a.opening_on IS NOT NULL AND a.lms_npa_on <= a.opening_on
  UNION
  SELECT a.borrower_key FROM account AS a INNER JOIN previous.asset_memory AS m ON m.borrower_id = a.borrower_id
),
loans AS (
  SELECT
    a.loan_key, a.borrower_key, a.borrower_id,
    greatest(a.history_from, n.from_on) AS from_on,
    least(n.to_on, coalesce(CAST(a.ended_on - INTERVAL 1 DAY AS DATE), n.to_on)) AS to_on
  FROM account AS a
  INNER JOIN concerned AS c ON c.borrower_key = a.borrower_key
  CROSS JOIN span AS n
  WHERE a.history_from <= n.to_on
),
changes AS (
  SELECT r.loan_key, r.effective_on AS on_day, r.amount_paise AS delta_paise
  FROM receipt AS r INNER JOIN loans AS l ON l.loan_key = r.loan_key
  UNION ALL
  SELECT r.loan_key, r.void_on, -r.amount_paise
  FROM receipt AS r INNER JOIN loans AS l ON l.loan_key = r.loan_key
  WHERE r.void_on < DATE '9999-12-31'
),
points AS (
  SELECT l.loan_key, l.from_on AS on_day FROM loans AS l WHERE l.from_on <= l.to_on
  UNION
  SELECT c.loan_key, c.on_day FROM changes AS c INNER JOIN loans AS l ON l.loan_key = c.loan_key AND c.on_day > l.from_on AND c.on_day <= l.to_on
  UNION
  SELECT d.loan_key, d.in_force_from FROM due AS d INNER JOIN loans AS l ON l.loan_key = d.loan_key AND d.in_force_from > l.from_on AND d.in_force_from <= l.to_on
  UNION
  SELECT w.loan_key, e.on_day
  FROM relief_window AS w
  INNER JOIN loans AS l ON l.loan_key = w.loan_key
  CROSS JOIN LATERAL (VALUES (w.from_on), (CAST(least(w.to_on, DATE '9999-12-30') + INTERVAL 1 DAY AS DATE)), (w.known_on)) AS e (on_day)
  WHERE NOT w.counts AND e.on_day > l.from_on AND e.on_day <= l.to_on
),
stretches AS (
  SELECT
    p.loan_key, p.on_day AS from_on,
    coalesce(CAST(lead(p.on_day) OVER (PARTITION BY p.loan_key ORDER BY p.on_day) - INTERVAL 1 DAY AS DATE), l.to_on) AS to_on
  FROM points AS p
  INNER JOIN loans AS l ON l.loan_key = p.loan_key
),
steps AS (
  SELECT x.loan_key, x.on_day, CAST(sum(x.delta_paise) AS BIGINT) AS delta_paise, bool_or(x.is_point) AS is_point
  FROM (
    SELECT c.loan_key, c.on_day, c.delta_paise, false AS is_point FROM changes AS c
    UNION ALL
    SELECT s.loan_key, s.from_on, 0, true FROM stretches AS s
  ) AS x
  GROUP BY x.loan_key, x.on_day
),
running AS (
  SELECT
    x.loan_key, x.on_day, x.is_point,
    greatest(0, CAST(sum(x.delta_paise) OVER (PARTITION BY x.loan_key ORDER BY x.on_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT)) AS paid_paise
  FROM steps AS x
),
unpaid AS (
  SELECT s.loan_key, s.from_on, s.to_on, min(d.due_on) AS due_on
  FROM stretches AS s
  INNER JOIN running AS r ON r.loan_key = s.loan_key AND r.on_day = s.from_on
  INNER JOIN due AS d ON d.loan_key = s.loan_key AND d.cum_due_paise > r.paid_paise AND d.in_force_from <= s.from_on AND d.in_force_to > s.from_on
  GROUP BY s.loan_key, s.from_on, s.to_on
),
windows AS (
  -- windows known at the start of a stretch, cut there and merged, as pause_window does for one day
  SELECT y.loan_key, y.stretch_on, min(y.from_on) AS from_on, max(y.to_on) AS to_on
  FROM (
    SELECT
      z.loan_key, z.stretch_on, z.from_on, z.to_on,
      sum(z.begins) OVER (PARTITION BY z.loan_key, z.stretch_on ORDER BY z.from_on, z.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
    FROM (
      SELECT
        k.loan_key, k.stretch_on, k.from_on, k.to_on,
        CASE WHEN k.from_on <= max(k.to_on) OVER (PARTITION BY k.loan_key, k.stretch_on ORDER BY k.from_on, k.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS begins
      FROM (
        SELECT u.loan_key, u.from_on AS stretch_on, w.from_on, least(w.to_on, u.from_on) AS to_on
        FROM unpaid AS u
        INNER JOIN relief_window AS w ON w.loan_key = u.loan_key AND NOT w.counts AND w.known_on <= u.from_on AND w.from_on <= u.from_on
      ) AS k
    ) AS z
  ) AS y
  GROUP BY y.loan_key, y.stretch_on, y.island
),
paused AS (
  SELECT
    u.loan_key, u.from_on,
    CAST(sum(CASE WHEN w.to_on >= u.due_on THEN date_diff('day', CASE WHEN p.pause_rule = 'whole_window' THEN w.from_on ELSE greatest(w.from_on, u.due_on) END, w.to_on) + 1 ELSE 0 END) AS INTEGER) AS days,
    bool_or(w.to_on = u.from_on) AS stands_still
  FROM unpaid AS u
  INNER JOIN windows AS w ON w.loan_key = u.loan_key AND w.stretch_on = u.from_on
  INNER JOIN policy_day_count AS p ON p.effective_from <= u.from_on AND p.effective_to >= u.from_on
  GROUP BY u.loan_key, u.from_on
),
aged AS (
  -- count = dpd at the first day-end of the stretch (below one while the due date lies ahead)
  SELECT
    u.loan_key, u.from_on, u.to_on, u.due_on,
    date_diff('day', u.due_on, u.from_on) + 1 - coalesce(p.days, 0) AS count_days,
    coalesce(p.stands_still, false) AS stands_still
  FROM unpaid AS u
  LEFT JOIN paused AS p ON p.loan_key = u.loan_key AND p.from_on = u.from_on
),
limits AS (
  SELECT p.dpd_from - 1 AS most_days, p.effective_from, p.effective_to
  FROM policy_asset_limit AS p
  WHERE p.class = 'npa'
),
breaches AS (
  SELECT l.borrower_id, b.from_on, CAST(NULL AS DATE) AS npa_on, 'dpd' AS cause
  FROM (
    SELECT
      g.loan_key,
      CASE
        WHEN g.stands_still OR g.count_days > i.most_days THEN greatest(g.from_on, i.effective_from)
        ELSE greatest(CAST(g.from_on + to_days(CAST(i.most_days + 1 - g.count_days AS INTEGER)) AS DATE), i.effective_from)
      END AS from_on,
      least(g.to_on, i.effective_to) AS to_on
    FROM aged AS g
    CROSS JOIN limits AS i
    WHERE (NOT g.stands_still OR g.count_days > i.most_days) AND g.due_on <= g.to_on
  ) AS b
  INNER JOIN loans AS l ON l.loan_key = b.loan_key
  WHERE b.from_on <= b.to_on
  UNION ALL
  -- a watch that runs means NPA, also where the extract that told of it came after its day had been run
  SELECT w.borrower_id, greatest(w.watch_from, n.from_on), CAST(NULL AS DATE), 'restructured'
  FROM watch AS w CROSS JOIN span AS n
  WHERE w.watch_from >= n.from_on OR w.watch_to >= n.from_on
  UNION ALL
  -- a loan that a later load brings takes part from the first day of the span
  SELECT a.borrower_id, greatest(a.history_from, n.from_on), a.lms_npa_on, 'lender'
  FROM account AS a CROSS JOIN span AS n
  WHERE a.opening_on IS NOT NULL AND a.lms_npa_on <= a.opening_on AND a.history_from <= n.to_on
    AND (a.history_from >= n.from_on OR a.first_seen_on > n.load_as_of)
),
blocks AS (
  SELECT l.borrower_id, greatest(g.from_on, g.due_on) AS from_on, g.to_on
  FROM aged AS g
  INNER JOIN loans AS l ON l.loan_key = g.loan_key
  WHERE g.due_on <= g.to_on
  UNION ALL
  SELECT w.borrower_id, greatest(w.watch_from, n.from_on), w.watch_to
  FROM watch AS w CROSS JOIN span AS n
  WHERE w.watch_to >= n.from_on AND w.watch_from <= w.watch_to
  UNION ALL
  SELECT b.borrower_id, b.from_on, b.from_on FROM breaches AS b WHERE b.cause <> 'dpd'
),
islands AS (
  SELECT z.borrower_id, min(z.from_on) AS from_on, max(z.to_on) AS to_on
  FROM (
    SELECT
      y.borrower_id, y.from_on, y.to_on,
      sum(y.begins) OVER (PARTITION BY y.borrower_id ORDER BY y.from_on, y.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
    FROM (
      SELECT
        b.borrower_id, b.from_on, b.to_on,
        CASE WHEN b.from_on <= CAST(max(b.to_on) OVER (PARTITION BY b.borrower_id ORDER BY b.from_on, b.to_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + INTERVAL 1 DAY AS DATE) THEN 0 ELSE 1 END AS begins
      FROM blocks AS b
    ) AS y
  ) AS z
  GROUP BY z.borrower_id, z.island
),
carried AS (
  SELECT m.borrower_id, m.npa_on, m.upgraded_on, m.cause, n.from_on
  FROM previous.asset_memory AS m
  CROSS JOIN span AS n
  WHERE m.borrower_id IN (SELECT a.borrower_id FROM account AS a)
),
periods AS (
  -- each stretch of time as NPA: where it began, and its last day-end
  SELECT
    i.borrower_id, i.from_on, i.to_on,
    CASE WHEN c.npa_on IS NOT NULL AND i.from_on = c.from_on THEN c.npa_on ELSE min(coalesce(b.npa_on, b.from_on)) END AS npa_on,
    CASE
      WHEN c.npa_on IS NOT NULL AND i.from_on = c.from_on THEN min(c.cause)
      WHEN bool_or(b.cause = 'lender') THEN 'lender'
      WHEN min(b.from_on) = min(CASE WHEN b.cause = 'restructured' THEN b.from_on END) THEN 'restructured'
      ELSE 'dpd'
    END AS cause
  FROM islands AS i
  LEFT JOIN breaches AS b ON b.borrower_id = i.borrower_id AND b.from_on BETWEEN i.from_on AND i.to_on
  LEFT JOIN carried AS c ON c.borrower_id = i.borrower_id
  GROUP BY i.borrower_id, i.from_on, i.to_on, c.npa_on, c.from_on
  HAVING count(b.from_on) > 0 OR (c.npa_on IS NOT NULL AND i.from_on = c.from_on)
  UNION ALL
  SELECT c.borrower_id, c.from_on, CAST(c.from_on - INTERVAL 1 DAY AS DATE), c.npa_on, c.cause
  FROM carried AS c
  WHERE c.npa_on IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM islands AS i WHERE i.borrower_id = c.borrower_id AND i.from_on = c.from_on)
),
latest AS (
  SELECT p.borrower_id, p.to_on, p.npa_on, p.cause, row_number() OVER (PARTITION BY p.borrower_id ORDER BY p.to_on DESC, p.from_on DESC) AS place
  FROM periods AS p
)
SELECT
  coalesce(l.borrower_id, c.borrower_id) AS borrower_id,
  CASE WHEN l.to_on >= n.to_on THEN l.npa_on END AS npa_on,
  CASE
    WHEN l.borrower_id IS NULL THEN c.upgraded_on
    WHEN l.to_on < n.to_on THEN CAST(l.to_on + INTERVAL 1 DAY AS DATE)
  END AS upgraded_on,
  coalesce(l.cause, c.cause) AS cause
FROM (SELECT x.borrower_id, x.to_on, x.npa_on, x.cause FROM latest AS x WHERE x.place = 1) AS l
FULL OUTER JOIN carried AS c ON c.borrower_id = l.borrower_id
CROSS JOIN span AS n
ORDER BY borrower_id
