.nullvalue NULL
select * from t order by id;
