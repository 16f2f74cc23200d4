drop schema if exists golden_names_the_table_that_is_not_there cascade;
create schema golden_names_the_table_that_is_not_there;
set search_path = golden_names_the_table_that_is_not_there;
create table sessions (id integer);
