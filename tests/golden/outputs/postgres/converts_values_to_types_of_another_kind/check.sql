set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_converts_values_to_types_of_another_kind;
select * from t;
drop schema golden_converts_values_to_types_of_another_kind cascade;
