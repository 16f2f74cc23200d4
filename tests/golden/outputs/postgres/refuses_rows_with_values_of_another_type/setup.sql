drop schema if exists golden_refuses_rows_with_values_of_another_type cascade;
create schema golden_refuses_rows_with_values_of_another_type;
set search_path = golden_refuses_rows_with_values_of_another_type;
create table t (id integer, name varchar(5));
