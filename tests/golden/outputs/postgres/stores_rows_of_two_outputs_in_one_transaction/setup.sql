drop schema if exists golden_stores_rows_of_two_outputs_in_one_transaction cascade;
create schema golden_stores_rows_of_two_outputs_in_one_transaction;
set search_path = golden_stores_rows_of_two_outputs_in_one_transaction;
create table t (id integer, name text);
