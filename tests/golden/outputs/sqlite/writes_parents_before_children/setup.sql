create table orders ("order" integer primary key);
create table items ("order" integer references Orders, item integer, primary key ("order", item));
create table taxes ("order" integer, item integer, tax text, foreign key ("order", item) references items);
