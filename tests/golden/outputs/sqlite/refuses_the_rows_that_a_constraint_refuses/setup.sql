create table t (id integer primary key check (id > 0), name text not null);
