drop schema if exists golden_takes_the_last_of_equal_keys_in_a_batch cascade;
create schema golden_takes_the_last_of_equal_keys_in_a_batch;
set search_path = golden_takes_the_last_of_equal_keys_in_a_batch;
create table t (id integer primary key, name text);
insert into t values (2, 'before');
