set client_min_messages = warning;
set search_path = golden_writes_parents_before_children;
select * from orders left join items using ("order") left join taxes using ("order", item) order by 1, 2;
drop schema golden_writes_parents_before_children cascade;
