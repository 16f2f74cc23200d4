set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_leaves_newer_rows_alone;
select * from t order by id;
drop schema golden_leaves_newer_rows_alone cascade;
