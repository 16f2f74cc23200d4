select name from sqlite_schema;
