drop schema if exists golden_inserts_rows cascade;
create schema golden_inserts_rows;
set search_path = golden_inserts_rows;
create table t (id integer, name text);
