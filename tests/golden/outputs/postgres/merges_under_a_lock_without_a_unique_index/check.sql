set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_merges_under_a_lock_without_a_unique_index;
select * from t order by id, name;
drop schema golden_merges_under_a_lock_without_a_unique_index cascade;
