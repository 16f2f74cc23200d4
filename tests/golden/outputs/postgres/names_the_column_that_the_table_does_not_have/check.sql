set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_names_the_column_that_the_table_does_not_have;
select * from t;
drop schema golden_names_the_column_that_the_table_does_not_have cascade;
