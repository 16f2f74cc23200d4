select * from t, u;
