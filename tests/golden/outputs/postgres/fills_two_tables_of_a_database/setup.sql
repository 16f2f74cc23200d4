drop schema if exists golden_fills_two_tables_of_a_database cascade;
create schema golden_fills_two_tables_of_a_database;
set search_path = golden_fills_two_tables_of_a_database;
create table t (id integer, name text);
create table u (id integer primary key, name text);
