create table t (id integer, nam text);
