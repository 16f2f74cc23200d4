select * from t order by rowid;
