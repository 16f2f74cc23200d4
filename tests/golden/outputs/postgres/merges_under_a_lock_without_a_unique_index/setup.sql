drop schema if exists golden_merges_under_a_lock_without_a_unique_index cascade;
create schema golden_merges_under_a_lock_without_a_unique_index;
set search_path = golden_merges_under_a_lock_without_a_unique_index;
create table t (id integer, name text);
insert into t values (1, 'old'), (1, 'twin');
