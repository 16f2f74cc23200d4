select * from sqlite_schema;
