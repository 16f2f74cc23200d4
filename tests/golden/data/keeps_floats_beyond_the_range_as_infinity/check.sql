select *, typeof(f) from t;
