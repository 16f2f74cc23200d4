create table tt (id integer);
