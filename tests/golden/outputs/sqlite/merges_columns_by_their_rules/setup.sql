create table t (id integer primary key, first text, best integer, worst integer, city text, name text not null default 'nobody',
  status text default 'new');
insert into t values (1, 'a', 7, 7, 'Oslo', 'Ada', 'known');
