set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_fills_two_tables_of_a_database;
select * from t, u;
drop schema golden_fills_two_tables_of_a_database cascade;
