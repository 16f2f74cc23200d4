set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_refuses_null_keys_when_inserting_with_keys;
select * from t order by id;
drop schema golden_refuses_null_keys_when_inserting_with_keys cascade;
