create table t (id integer primary key, name text not null, op text, born text default '2026-01-01');
insert into t values (1, 'old', 'c', '2025-01-01'), (2, 'old', 'c', '2025-01-01'), (3, 'old', 'c', '2025-01-01'),
  (4, 'old', 'c', '2025-01-01'), (5, 'old', 'c', '2025-01-01');
