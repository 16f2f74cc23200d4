select * from t order by "order", item;
