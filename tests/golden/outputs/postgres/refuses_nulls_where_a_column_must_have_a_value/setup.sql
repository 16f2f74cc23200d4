drop schema if exists golden_refuses_nulls_where_a_column_must_have_a_value cascade;
create schema golden_refuses_nulls_where_a_column_must_have_a_value;
set search_path = golden_refuses_nulls_where_a_column_must_have_a_value;
create table t (id integer, name text not null);
