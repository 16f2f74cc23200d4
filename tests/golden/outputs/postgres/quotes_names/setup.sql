drop schema if exists golden_quotes_names cascade;
create schema golden_quotes_names;
set search_path = golden_quotes_names;
create table "Group By" ("Order" integer primary key, "a b" integer, "q""t%" integer);
