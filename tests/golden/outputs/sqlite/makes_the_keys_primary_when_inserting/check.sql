select sql from sqlite_master where name = 't';
select * from t order by rowid;
