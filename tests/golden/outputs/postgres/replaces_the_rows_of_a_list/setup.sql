drop schema if exists golden_replaces_the_rows_of_a_list cascade;
create schema golden_replaces_the_rows_of_a_list;
set search_path = golden_replaces_the_rows_of_a_list;
create table t ("order" integer, item integer, name text, primary key ("order", item));
insert into t values (1, 1, 'same'), (1, 2, 'left the list'), (2, 1, 'left the list'), (3, 1, 'of another order');
