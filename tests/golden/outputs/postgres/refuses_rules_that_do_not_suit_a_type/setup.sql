drop schema if exists golden_refuses_rules_that_do_not_suit_a_type cascade;
create schema golden_refuses_rules_that_do_not_suit_a_type;
set search_path = golden_refuses_rules_that_do_not_suit_a_type;
create table t (id integer primary key, data jsonb);
