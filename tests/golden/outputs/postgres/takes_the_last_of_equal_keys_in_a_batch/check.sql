set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_takes_the_last_of_equal_keys_in_a_batch;
select * from t order by id;
drop schema golden_takes_the_last_of_equal_keys_in_a_batch cascade;
