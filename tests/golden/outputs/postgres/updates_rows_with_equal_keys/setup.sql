drop schema if exists golden_updates_rows_with_equal_keys cascade;
create schema golden_updates_rows_with_equal_keys;
set search_path = golden_updates_rows_with_equal_keys;
create table t (id integer primary key, name text, kept text default 'fresh');
insert into t values (1, 'old', 'kept'), (2, 'old', 'kept'), (3, 'untouched', 'kept');
