set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_names_the_table_that_is_not_there;
select * from sessions;
drop schema golden_names_the_table_that_is_not_there cascade;
