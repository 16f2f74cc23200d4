set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_refuses_nulls_where_a_column_must_have_a_value;
select * from t order by id;
drop schema golden_refuses_nulls_where_a_column_must_have_a_value cascade;
