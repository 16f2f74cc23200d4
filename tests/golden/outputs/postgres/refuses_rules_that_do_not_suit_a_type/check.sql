set client_min_messages = warning;
drop schema golden_refuses_rules_that_do_not_suit_a_type cascade;
