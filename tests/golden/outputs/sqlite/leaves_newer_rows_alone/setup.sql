create table t (id integer primary key, at text, name text);
insert into t values (1, '2026-11-03T10:00:00+00:00', 'stays'), (2, '2026-10-01T10:00:00+00:00', 'old'), (4, '2026-11-01T10:00:00+00:00', 'old');
