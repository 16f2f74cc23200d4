set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_stores_rows_of_two_outputs_in_one_transaction;
select * from t;
drop schema golden_stores_rows_of_two_outputs_in_one_transaction cascade;
