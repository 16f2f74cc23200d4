set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_updates_rows_with_equal_keys;
select * from t order by id;
drop schema golden_updates_rows_with_equal_keys cascade;
