set client_min_messages = warning;
set search_path = golden_deletes_children_before_parents;
select * from orders left join items using ("order") order by 1, 2;
drop schema golden_deletes_children_before_parents cascade;
