set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_refuses_texts_that_its_columns_cannot_read;
select * from t order by id;
drop schema golden_refuses_texts_that_its_columns_cannot_read cascade;
