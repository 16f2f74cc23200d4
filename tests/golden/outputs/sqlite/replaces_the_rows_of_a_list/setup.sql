create table t ("order" integer, item integer, name text, primary key ("order", item));
insert into t values (1, 1, 'same'), (1, 2, 'left the list'), (2, 1, 'left the list'), (3, 1, 'of another order');
