drop schema if exists golden_sees_differences_that_equality_does_not cascade;
create schema golden_sees_differences_that_equality_does_not;
set search_path = golden_sees_differences_that_equality_does_not;
create collation anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table t (id integer primary key, name text collate anycase, price numeric, doc jsonb, "real" float8, short varchar(5) collate anycase);
insert into t values (1, 'alice', 1.5, '{"a": 1.0}', 0, 'x');
