set client_min_messages = warning;
\pset null NULL
set search_path = golden_deletes_rows_that_say_so;
select id, name, op, born::date from t order by id;
drop schema golden_deletes_rows_that_say_so cascade;
