set client_min_messages = warning;
set search_path = golden_writes_nothing_where_nothing_changes;
select id, name, (t.xmin::text, t.xmax::text) = (v.maker, v.locker) as untouched from t join versions v using (id) order by id;
drop schema golden_writes_nothing_where_nothing_changes cascade;
