drop schema if exists golden_reads_texts_as_values_of_the_columns cascade;
create schema golden_reads_texts_as_values_of_the_columns;
set search_path = golden_reads_texts_as_values_of_the_columns;
create table t (u uuid, n numeric(10, 2), a integer[], v interval);
