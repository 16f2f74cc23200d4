select name, sql from sqlite_schema where tbl_name = 't';
select * from t order by rowid;
