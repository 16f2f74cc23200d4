set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_makes_the_keys_primary_when_inserting;
select pg_get_constraintdef(oid) from pg_constraint where conrelid = 't'::regclass;
select * from t order by id, at;
drop schema golden_makes_the_keys_primary_when_inserting cascade;
