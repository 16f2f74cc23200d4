select sql from sqlite_schema where type = 'table';
select * from "group";
