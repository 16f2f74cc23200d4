drop schema if exists golden_deletes_children_before_parents cascade;
create schema golden_deletes_children_before_parents;
set search_path = golden_deletes_children_before_parents;
create table orders ("order" integer primary key);
create table items (item integer primary key, "order" integer references orders);
insert into orders values (1); insert into items values (1, 1), (2, 1);
