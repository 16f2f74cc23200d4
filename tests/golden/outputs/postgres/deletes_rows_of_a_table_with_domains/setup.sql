drop schema if exists golden_deletes_rows_of_a_table_with_domains cascade;
create schema golden_deletes_rows_of_a_table_with_domains;
set search_path = golden_deletes_rows_of_a_table_with_domains;
create domain given as text not null check (length(value) > 3);
create domain code as varchar(2) not null;
create table t (id integer primary key, name given, code code);
insert into t values (1, 'goes away', 'ZZ');
