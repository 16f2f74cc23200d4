drop schema if exists golden_keeps_a_list_of_rows_without_keys cascade;
create schema golden_keeps_a_list_of_rows_without_keys;
set search_path = golden_keeps_a_list_of_rows_without_keys;
create table t ("order" integer, item integer, qty integer, primary key ("order", item));
insert into t values (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 1, 4);
