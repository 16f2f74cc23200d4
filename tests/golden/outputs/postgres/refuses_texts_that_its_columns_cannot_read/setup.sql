drop schema if exists golden_refuses_texts_that_its_columns_cannot_read cascade;
create schema golden_refuses_texts_that_its_columns_cannot_read;
set search_path = golden_refuses_texts_that_its_columns_cannot_read;
create table t (id integer, name integer);
