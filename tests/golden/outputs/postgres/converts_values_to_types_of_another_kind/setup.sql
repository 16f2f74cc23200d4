drop schema if exists golden_converts_values_to_types_of_another_kind cascade;
create schema golden_converts_values_to_types_of_another_kind;
set search_path = golden_converts_values_to_types_of_another_kind;
create table t (i numeric, f integer, s jsonb, b integer, ts text, d timestamp);
