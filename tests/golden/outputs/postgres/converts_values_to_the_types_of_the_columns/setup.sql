drop schema if exists golden_converts_values_to_the_types_of_the_columns cascade;
create schema golden_converts_values_to_the_types_of_the_columns;
set search_path = golden_converts_values_to_the_types_of_the_columns;
create table t (i smallint, f double precision, s varchar(5), b boolean, ts timestamptz, d date);
