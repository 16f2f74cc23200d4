drop schema if exists golden_merges_columns_by_their_rules cascade;
create schema golden_merges_columns_by_their_rules;
set search_path = golden_merges_columns_by_their_rules;
create table t (id integer primary key, first text, best integer, worst integer, city text, name text,
  status text default 'new');
insert into t values (1, 'a', 7, 7, 'Oslo', 'Ada', 'known');
