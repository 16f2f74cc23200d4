set client_min_messages = warning;
set timezone = 'UTC';
set search_path = golden_quotes_names;
select * from "Group By";
drop schema golden_quotes_names cascade;
