create table sessions (id integer primary key, agent text, score real, raw blob);
insert into sessions values (1, 'chrome', 1.0, x'00ff'), (2, 'fire"fox', 0.1, null);
