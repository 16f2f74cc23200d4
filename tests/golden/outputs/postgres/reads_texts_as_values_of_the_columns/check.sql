set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_reads_texts_as_values_of_the_columns;
select * from t;
drop schema golden_reads_texts_as_values_of_the_columns cascade;
