drop schema if exists golden_refuses_null_keys_when_inserting_with_keys cascade;
create schema golden_refuses_null_keys_when_inserting_with_keys;
set search_path = golden_refuses_null_keys_when_inserting_with_keys;
create table t (id integer, name text);
