create table t (name text);
insert into t values ('O''Reilly'), ('none'), ('%'), ('x''; drop table t; --');
