select name from sqlite_master where name like 'batchout%';
select id, name is null from rows;
