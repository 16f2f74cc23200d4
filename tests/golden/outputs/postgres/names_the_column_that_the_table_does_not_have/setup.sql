drop schema if exists golden_names_the_column_that_the_table_does_not_have cascade;
create schema golden_names_the_column_that_the_table_does_not_have;
set search_path = golden_names_the_column_that_the_table_does_not_have;
create table t (id integer, title text);
