set client_min_messages = warning;
set search_path = golden_keeps_a_list_of_rows_without_keys;
select * from t order by "order", item;
drop schema golden_keeps_a_list_of_rows_without_keys cascade;
