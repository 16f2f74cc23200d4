select * from orders left join items using ("order") left join taxes using ("order", item) order by 1, 2;
