set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_converts_values_to_the_types_of_the_columns;
select * from t;
drop schema golden_converts_values_to_the_types_of_the_columns cascade;
