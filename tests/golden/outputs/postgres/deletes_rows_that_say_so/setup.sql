drop schema if exists golden_deletes_rows_that_say_so cascade;
create schema golden_deletes_rows_that_say_so;
set search_path = golden_deletes_rows_that_say_so;
create table t (id integer primary key, name text not null, op text, born timestamptz default '2026-01-01');
insert into t select n, 'old', 'c', '2025-01-01' from generate_series(1, 5) n;
