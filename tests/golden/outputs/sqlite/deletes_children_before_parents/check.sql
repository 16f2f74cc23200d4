select * from orders left join items using ("order") order by 1, 2;
