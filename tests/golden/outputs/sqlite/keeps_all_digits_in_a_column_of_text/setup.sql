create table t (id text, name text);
