set client_min_messages = warning;
set search_path = golden_deletes_rows_of_a_table_with_domains;
select * from t;
drop schema golden_deletes_rows_of_a_table_with_domains cascade;
