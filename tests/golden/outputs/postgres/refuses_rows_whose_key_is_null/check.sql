set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_refuses_rows_whose_key_is_null;
select * from t order by id;
drop schema golden_refuses_rows_whose_key_is_null cascade;
