drop schema if exists golden_writes_nothing_where_nothing_changes cascade;
create schema golden_writes_nothing_where_nothing_changes;
set search_path = golden_writes_nothing_where_nothing_changes;
create table t (id integer primary key, name text);
insert into t values (1, 'same'), (2, 'old');
create table versions as select id, xmin::text as maker, xmax::text as locker from t;
