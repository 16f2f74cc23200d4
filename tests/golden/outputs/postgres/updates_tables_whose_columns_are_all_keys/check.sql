set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_updates_tables_whose_columns_are_all_keys;
select * from t order by id, name;
drop schema golden_updates_tables_whose_columns_are_all_keys cascade;
