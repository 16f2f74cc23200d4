set client_min_messages = warning;
\pset null NULL
set search_path = golden_replaces_the_rows_of_a_list;
select * from t order by "order", item;
drop schema golden_replaces_the_rows_of_a_list cascade;
