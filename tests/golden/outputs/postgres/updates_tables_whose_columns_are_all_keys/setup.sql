drop schema if exists golden_updates_tables_whose_columns_are_all_keys cascade;
create schema golden_updates_tables_whose_columns_are_all_keys;
set search_path = golden_updates_tables_whose_columns_are_all_keys;
create table t (id integer, name text, primary key (id, name));
insert into t values (1, 'a');
