set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_names_the_key_that_is_not_written;
select * from t;
drop schema golden_names_the_key_that_is_not_written cascade;
