create table t ("order" integer, item integer, qty integer, primary key ("order", item));
insert into t values (1, 1, 1), (1, 2, 2), (2, 1, 3), (3, 1, 4);
