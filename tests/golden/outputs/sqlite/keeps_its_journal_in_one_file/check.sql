PRAGMA journal_mode;
SELECT * FROM t;
