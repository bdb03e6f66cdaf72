-- The ledger as one table, and in partitions: sizes, inserts, and the reads of the
-- screens and of the gate. In a copy of a database that has the addon:
--
--   createdb -T DATABASE scratch
--   psql -d scratch -v rows=1000000 -f benchmarks/partitioning.sql
--
-- A partitioned table can only have unique indexes that contain the partitioning
-- column: what that costs in rules is written in docs/operations.md. Here the indexes
-- stay, the uniqueness goes.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SELECT set_config('bench.rows', :'rows', false) \gset

-- --- the same rows three times ---------------------------------------------------------

CREATE SCHEMA bench;
CREATE TABLE bench.source AS
SELECT i AS id,
       1 + (i::bigint * 7919 % (:rows / 10))::int AS balance_id,
       1 + i / (:rows / 10) AS number,
       DATE '2022-01-01' + (i::bigint * 1460 / :rows)::int AS date,
       (CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END) * (100 + i % 900)::numeric AS amount
  FROM generate_series(1, :rows) i;

CREATE FUNCTION bench.fill(target text, source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        INSERT INTO bench.%1$I (
            id, balance_id, number, date, amount, company_id, partner_id, currency_id,
            counterpart_account_id, move_id, move_line_id, move_line_ref, create_uid,
            write_uid, name, move_name, settlement_type, description, balance_after,
            is_live, create_date, write_date)
        SELECT id, balance_id, number, date, amount, 1, 1 + balance_id / 2, 22,
               100, id, 2 * id, 2 * id, 2,
               2, 'CBAL/2024/' || id, 'CBAL/2024/' || id, 'manual', 'Opening', amount,
               true, now(), now()
          FROM %2$s$sql$, target, source);
END $$;

CREATE TABLE bench.plain (LIKE client_balance_settlement INCLUDING DEFAULTS);
CREATE TABLE bench.by_hash (LIKE client_balance_settlement INCLUDING DEFAULTS)
    PARTITION BY HASH (balance_id);
CREATE TABLE bench.by_date (LIKE client_balance_settlement INCLUDING DEFAULTS)
    PARTITION BY RANGE (date);
SELECT format('CREATE TABLE bench.hash_%1$s PARTITION OF bench.by_hash
               FOR VALUES WITH (MODULUS 16, REMAINDER %1$s)', n)
  FROM generate_series(0, 15) n \gexec
SELECT format('CREATE TABLE bench.date_%s PARTITION OF bench.by_date
               FOR VALUES FROM (%L) TO (%L)', n,
              DATE '2022-01-01' + interval '3 months' * n,
              DATE '2022-01-01' + interval '3 months' * (n + 1))
  FROM generate_series(0, 15) n \gexec

\echo Filling three tables, indexes afterwards (as a restore does)
SELECT count(bench.fill(name, 'bench.source')) AS filled
  FROM unnest(ARRAY['plain', 'by_hash', 'by_date']) name;
SELECT regexp_replace(
           replace(replace(indexdef, 'UNIQUE ', ''),
                   'public.client_balance_settlement ', format('bench.%I ', target)),
           'INDEX \S+ ON', format('INDEX %I ON', target || '_' || left(md5(indexname), 8)))
  FROM pg_indexes, unnest(ARRAY['plain', 'by_hash', 'by_date']) target
 WHERE tablename = 'client_balance_settlement' AND schemaname = 'public' \gexec
VACUUM ANALYZE bench.plain, bench.by_hash, bench.by_date;

SELECT root AS "table", pg_size_pretty(sum(pg_relation_size(oid))) AS rows_take,
       pg_size_pretty(sum(pg_indexes_size(oid))) AS indexes_take,
       round(sum(pg_total_relation_size(oid)) / :rows) AS bytes_per_row
  FROM (SELECT oid, CASE WHEN relname LIKE 'hash%' THEN 'by_hash'
                         WHEN relname LIKE 'date%' THEN 'by_date'
                         ELSE relname::text END AS root
          FROM pg_class WHERE relnamespace = 'bench'::regnamespace
           AND relkind = 'r' AND relname <> 'source') s
 GROUP BY 1 ORDER BY 1;

SELECT indexrelid::regclass AS index_of_the_plain_table,
       pg_size_pretty(pg_relation_size(indexrelid)) AS size,
       pg_get_indexdef(indexrelid) AS definition
  FROM pg_index WHERE indrelid = 'bench.plain'::regclass
 ORDER BY pg_relation_size(indexrelid) DESC;

-- --- reads and writes ------------------------------------------------------------------

CREATE FUNCTION bench.measure(question text, times int) RETURNS TABLE (
    plain numeric, by_hash numeric, by_date numeric) LANGUAGE plpgsql AS $$
DECLARE
    rows int := current_setting('bench.rows')::int;
    target text; started timestamptz; spent numeric[] := '{}';
BEGIN
    FOREACH target IN ARRAY ARRAY['plain', 'by_hash', 'by_date'] LOOP
        started := clock_timestamp();
        FOR n IN 1..times LOOP
            -- of whole rows: else the planner would leave out what is not counted
            EXECUTE format('SELECT count(s) FROM (' || question || ') s', target)
              USING 1 + (n::bigint * 104729 % (rows / 10))::int,
                    1 + (n::bigint * 104729 % rows)::int;
        END LOOP;
        spent := spent || round(
            (1000 * extract(epoch FROM clock_timestamp() - started) / times)::numeric, 3);
    END LOOP;
    RETURN QUERY SELECT spent[1], spent[2], spent[3];
END $$;

\echo Milliseconds of one question, several times each:
CREATE TABLE bench.questions (place int, what text, times int, question text);
INSERT INTO bench.questions VALUES
(1, 'client card, newest 80', 1000,
 'SELECT id FROM bench.%I WHERE partner_id = 1 + $1 / 2 AND $2 > 0
   ORDER BY date DESC, id DESC LIMIT 80'),
(2, 'running balance of a key', 1000,
 'SELECT sum(amount) OVER (ORDER BY date, number) FROM bench.%I
   WHERE balance_id = $1 AND $2 > 0'),
(3, 'the guard: later days of a key', 1000,
 'SELECT date, sum(amount) FROM bench.%I
   WHERE balance_id = $1 AND date > ''2025-06-01'' AND $2 > 0 GROUP BY date'),
(4, 'the gate: live settlement of an item', 1000,
 'SELECT id FROM bench.%I WHERE move_line_ref = 2 * $2 AND is_live AND $1 > 0'),
(5, 'one settlement by its id', 1000,
 'SELECT id, name FROM bench.%I WHERE id = $2 AND $1 > 0'),
(6, 'balances of all keys on a day', 3,
 'SELECT balance_id, sum(amount) FROM bench.%I
   WHERE date > ''2025-01-01'' AND $1 + $2 > 0 GROUP BY balance_id'),
(7, 'sum of the last quarter', 3,
 'SELECT sum(amount) FROM bench.%I WHERE date >= ''2025-10-01'' AND $1 + $2 > 0'),
(8, 'sum of everything', 3, 'SELECT sum(amount) FROM bench.%I WHERE $1 + $2 > 0');
SELECT what, (bench.measure(question, times)).* FROM bench.questions ORDER BY place;

CREATE FUNCTION bench.insert_one_by_one(target text, times int) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
    rows int := current_setting('bench.rows')::int;
    started timestamptz := clock_timestamp();
BEGIN
    FOR n IN 1..times LOOP
        PERFORM bench.fill(target, format(
            '(SELECT %s AS id, %s AS balance_id, %s AS number, DATE ''2025-12-20'' AS date,
              10.0 AS amount) s', rows + n, 1 + n::bigint * 7919 % (rows / 10), rows + n));
    END LOOP;
    RETURN round(
        (1000 * extract(epoch FROM clock_timestamp() - started) / times)::numeric, 3);
END $$;

\echo Milliseconds of one insert, of 10,000:
SELECT bench.insert_one_by_one('plain', 10000) AS plain,
       bench.insert_one_by_one('by_hash', 10000) AS by_hash,
       bench.insert_one_by_one('by_date', 10000) AS by_date;

DROP SCHEMA bench CASCADE;
