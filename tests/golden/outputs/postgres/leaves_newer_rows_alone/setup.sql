drop schema if exists golden_leaves_newer_rows_alone cascade;
create schema golden_leaves_newer_rows_alone;
set search_path = golden_leaves_newer_rows_alone;
create table t (id integer primary key, at timestamptz, name text);
insert into t values (1, '2026-11-03 10:00:00+00', 'stays'), (2, '2026-10-01 10:00:00+00', 'old'),
  (4, '2026-11-01 10:00:00+00', 'old');
