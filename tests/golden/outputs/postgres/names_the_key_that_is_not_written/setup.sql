drop schema if exists golden_names_the_key_that_is_not_written cascade;
create schema golden_names_the_key_that_is_not_written;
set search_path = golden_names_the_key_that_is_not_written;
create table t (id integer primary key, name text);
