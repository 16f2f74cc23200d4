create table orders ("order" integer primary key);
create table items (item integer primary key, "order" integer references orders);
insert into orders values (1); insert into items values (1, 1), (2, 1);
