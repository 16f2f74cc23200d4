drop schema if exists golden_refuses_rows_whose_key_is_null cascade;
create schema golden_refuses_rows_whose_key_is_null;
set search_path = golden_refuses_rows_whose_key_is_null;
create table t (id integer primary key, name text);
