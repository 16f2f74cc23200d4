set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_refuses_rows_with_values_of_another_type;
select * from t order by id;
drop schema golden_refuses_rows_with_values_of_another_type cascade;
