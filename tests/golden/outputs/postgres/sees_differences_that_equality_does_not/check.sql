set client_min_messages = warning;
set search_path = golden_sees_differences_that_equality_does_not;
select * from t;
drop schema golden_sees_differences_that_equality_does_not cascade;
