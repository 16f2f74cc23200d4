set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_inserts_rows;
select id, name, name is null from t order by id;
drop schema golden_inserts_rows cascade;
