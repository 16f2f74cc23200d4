drop schema if exists golden_writes_parents_before_children cascade;
create schema golden_writes_parents_before_children;
set search_path = golden_writes_parents_before_children;
create table orders ("order" integer primary key);
create table items ("order" integer references orders, item integer, primary key ("order", item));
create table taxes ("order" integer, item integer, tax text, foreign key ("order", item) references items);
