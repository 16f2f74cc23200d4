select id, typeof(id) from t;
