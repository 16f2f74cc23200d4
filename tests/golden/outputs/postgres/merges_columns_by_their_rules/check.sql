set client_min_messages = warning;
\pset null NULL
set search_path = golden_merges_columns_by_their_rules;
select * from t order by id;
drop schema golden_merges_columns_by_their_rules cascade;
