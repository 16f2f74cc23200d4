create table t (id integer primary key, factor real, state text);
insert into t (id) values (1), (2), (3), (4), (5), (6), (7);
