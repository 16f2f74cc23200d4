select sql from sqlite_schema;
select t, typeof(t), i, typeof(i), f, typeof(f), b, typeof(b), ts, typeof(ts), d, typeof(d) from t;
