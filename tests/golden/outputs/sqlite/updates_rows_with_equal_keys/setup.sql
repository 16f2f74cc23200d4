create table t (id integer primary key, name text, kept text default 'kept');
insert into t values (2, 'before', 'old'), (3, 'untouched', 'old');
