set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_makes_the_table_that_is_missing;
select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 't'::regclass and attnum > 0 order by attnum;
select pg_get_constraintdef(oid) from pg_constraint where conrelid = 't'::regclass;
select * from t order by id;
drop schema golden_makes_the_table_that_is_missing cascade;
