#!/usr/bin/env python3
"""The oracle must see what it is there for: each planted defect is reported, the whole is not."""

import copy
import unittest

from oracle import Oracle, Site

CREATED = 1_700_000_000


def customer(key, email, **more):
    return {"id": key, "email": email, "first_name": key, "created_at": CREATED, "deleted": False,
            **more}


def subscription(key, owner, created=CREATED, **more):
    return {"id": key, "customer_id": owner, "status": "active", "created_at": created,
            "currency_code": "USD", "mrr": 1250, "deleted": False, **more}


def contact(number, email, key, created="2023-11-14", **fields):
    return {"id": str(number), "email": email, "firstName": key, "lastName": "", "phone": "",
            "lists": {"Customers": 1}, "tags": [],
            "fields": {"Customer ID": key, "MRR": "12.50", "Subscription ID": f"s_{key}",
                       "Subscription created at": created, "Subscription status": "active", **fields}}


class OracleTest(unittest.TestCase):
    def setUp(self):
        self.site = {
            "customers": [customer("ann", "Ann@x.co"), customer("ben", "ben@x.co"),
                          customer("cat", "shared@x.co"), customer("dan", "shared@x.co"),
                          customer("eve", "no address"), customer("fay", "fay@x.co"),
                          customer("gus", "gus@x.co", cs_marketing=False)],
            "subscriptions": [subscription("s_ann", "ann"), subscription("s_ben", "ben"),
                              subscription("s_cat", "cat"),
                              subscription("s_dan", "dan", CREATED + 86_400),
                              subscription("s_eve", "eve"), subscription("s_gus", "gus")],
            "gifts": []}
        self.account = {"contacts": [contact(1, "ann@x.co", "ann"), contact(2, "ben@x.co", "ben"),
                                     contact(3, "shared@x.co", "dan", "2023-11-15")]}
        self.settings = {"on_duplicate": "latest"}

    def problems(self, oracle=None):
        return (oracle or Oracle(self.settings)).problems(self.site, self.account)

    def assert_found(self, text, oracle=None):
        self.assertTrue(any(text in p for p in self.problems(oracle)), self.problems(oracle))

    def delivered(self):
        oracle = Oracle(self.settings)
        self.assertEqual([], self.problems(oracle))
        return oracle

    def test_accepts_what_is_right(self):
        self.assertEqual([], self.problems())

    def test_sees_a_lost_record(self):
        del self.account["contacts"][1]
        self.assert_found("ben@x.co: no contact")

    def test_sees_a_doubled_contact(self):
        self.account["contacts"].append(contact(9, "BEN@x.co", "ben"))
        self.assert_found("there are two contacts")

    def test_sees_a_person_brought_back(self):
        self.settings["opted_out"] = ["ben@x.co"]
        self.assert_found("the person opted out")

    def test_accepts_a_person_who_stays_away(self):
        self.settings["opted_out"] = ["ben@x.co"]
        self.account["contacts"][1]["lists"] = {"Customers": 2}
        self.assertEqual([], self.problems())

    def test_sees_an_unsubscription_that_nobody_asked_for(self):
        self.account["contacts"][1]["lists"] = {"Customers": 2}
        self.assert_found("status on list")

    def test_sees_a_stale_value(self):
        self.site["subscriptions"][0]["mrr"] = 990
        self.assert_found("ann@x.co: MRR")

    def test_sees_a_stale_day(self):
        self.account["contacts"][0]["fields"]["Subscription created at"] = "2023-11-13"
        self.assert_found("Subscription created at")

    def test_sees_the_wrong_owner(self):
        self.account["contacts"][2] = contact(3, "shared@x.co", "cat")
        self.assert_found("Customer ID is 'cat', but must be 'dan'")

    def test_knows_that_first_means_the_other_owner(self):
        self.settings["on_duplicate"] = "first"
        self.assert_found("Customer ID is 'dan', but must be 'cat'")

    def test_sees_a_contact_of_nobody(self):
        self.account["contacts"].append(contact(9, "who@x.co", "who"))
        self.assert_found("nobody at the source accounts for")

    def test_sees_who_should_have_been_filtered(self):
        self.account["contacts"].append(contact(9, "gus@x.co", "gus"))
        self.assert_found("gus@x.co: a contact that nobody")

    def test_sees_a_deletion_that_was_not_carried_out(self):
        oracle = self.delivered()
        self.site["customers"][1]["deleted"] = True
        self.assert_found("ben@x.co: status 1, though the customer is deleted", oracle)
        self.account["contacts"][1]["lists"] = {"Customers": 2}
        self.assertEqual([], self.problems(oracle))

    def test_sees_a_contact_left_under_the_old_address(self):
        oracle = self.delivered()
        self.site["customers"][1]["email"] = "benny@x.co"
        self.account["contacts"].append(contact(9, "benny@x.co", "ben"))
        self.assert_found("ben@x.co: remains", oracle)

    def test_counts_a_gift_for_somebody_else_only(self):
        self.site["gifts"] = [{"gifter": {"customer_id": "fay"},
                               "gift_receiver": {"customer_id": "fay"}}]
        self.assertEqual([], self.problems())
        self.site["gifts"] = [{"gifter": {"customer_id": "fay"},
                               "gift_receiver": {"customer_id": "ann"}}]
        self.assert_found("fay@x.co: no contact")
        self.settings["gift_purchasers"] = "false"
        self.assertEqual([], self.problems())

    def test_prefers_an_active_subscription(self):
        later = subscription("s_late", "ann", CREATED + 9_999, status="cancelled")
        self.site["subscriptions"].append(later)
        self.assertEqual([], self.problems())

    def test_sees_a_person_brought_back_under_another_address(self):
        self.settings["opted_out_contacts"] = ["2"]
        self.site["customers"][1]["email"] = "benny@x.co"
        self.account["contacts"][1]["email"] = "benny@x.co"
        self.assert_found("benny@x.co: is on list 'Customers' again")
        self.account["contacts"][1]["lists"] = {"Customers": 2}
        self.assertEqual([], self.problems())

    def test_sees_who_left_though_it_is_not_known_whether_they_had_to(self):
        self.settings["opted_out"] = self.settings["may_be_off"] = ["ben@x.co"]
        self.assert_found("the person opted out")

    def test_compares_all_but_what_somebody_changed_by_hand(self):
        self.account["contacts"][1]["firstName"] = "by hand"
        self.assert_found("ben@x.co: firstName")
        self.settings["may_differ"] = {"ben@x.co": ["firstName"]}
        self.assertEqual([], self.problems())
        self.account["contacts"][1]["fields"]["MRR"] = "1"
        self.assert_found("ben@x.co: MRR")

    def test_lets_a_contact_be_missing_only_where_somebody_removed_it(self):
        del self.account["contacts"][1]
        self.settings["may_be_missing"] = ["ben@x.co"]
        self.assertEqual([], self.problems())
        del self.account["contacts"][0]
        self.assert_found("ann@x.co: no contact")

    def test_lets_a_contact_made_by_hand_be_empty_only_where_somebody_removed_the_other(self):
        self.account["contacts"][1].update(firstName="", lists={"Customers": 1})
        self.settings["made"] = [self.account["contacts"][1]["id"]]
        self.assert_found("ben@x.co: firstName")
        self.settings["may_be_missing"] = ["ben@x.co"]
        self.assertEqual([], self.problems())
        self.settings["opted_out"] = ["ben@x.co"]
        self.assert_found("ben@x.co: is on list 'Customers' again")
        self.settings.update(opted_out=[], made=[])
        self.assert_found("ben@x.co: firstName")

    def test_sees_a_tag_that_somebody_added_and_sluice_took(self):
        self.settings["own_tags"] = {"1": ["vip"]}
        self.assert_found("tag 'vip', which somebody added by hand, is gone")
        self.account["contacts"][0]["tags"] = ["vip"]
        self.assertEqual([], self.problems())

    def test_sees_tags_of_a_rule_that_are_missing_or_left(self):
        self.settings["cancelled_tag"] = "churned"
        self.site["subscriptions"][0]["status"] = "cancelled"
        self.account["contacts"][0]["fields"]["Subscription status"] = "cancelled"
        self.assert_found("ann@x.co: tag 'churned' is missing")
        self.account["contacts"][0]["tags"] = ["churned"]
        self.assertEqual([], self.problems())
        self.account["contacts"][1]["tags"] = ["churned"]
        self.assert_found("ben@x.co: tag 'churned' is still there")
        self.settings["merged"] = ["2"]
        self.assertEqual([], self.problems())

    def test_sees_the_mark_of_the_deleted_on_somebody_who_is_there(self):
        self.settings["delete_tag"] = "deleted-in-source"
        self.account["contacts"][0]["tags"] = ["deleted-in-source"]
        self.assert_found("but the customer is there")

    def test_sees_a_deleted_customer_without_the_mark(self):
        self.settings.update(on_delete="tag", delete_tag="deleted-in-source")
        oracle = self.delivered()
        self.site["customers"][1]["deleted"] = True
        self.account["contacts"][1]["tags"] = ["vip"]
        self.assert_found("ben@x.co: has no tag", oracle)
        self.account["contacts"][1]["tags"] = ["deleted-in-source"]
        self.assertEqual([], self.problems(oracle))

    def test_sees_a_customer_doubled_over_two_addresses(self):
        oracle = self.delivered()
        self.site["customers"][1]["email"] = "benny@x.co"
        oracle.may_deliver(self.site)
        self.account["contacts"].append(contact(9, "benny@x.co", "ben"))
        self.assert_found("ben@x.co: remains", oracle)

    def test_accepts_the_old_contact_where_the_new_address_had_one(self):
        oracle = self.delivered()
        self.site["customers"][1]["email"] = "ann@x.co"
        self.site["subscriptions"][1]["created_at"] = CREATED + 86_400
        self.account["contacts"][0] = contact(1, "ann@x.co", "ben", "2023-11-15")
        self.assertEqual([], self.problems(oracle))

    def test_accepts_the_old_contact_of_one_who_went_on_from_an_address_that_had_one(self):
        oracle = self.delivered()
        self.site["customers"][1]["email"] = "ann@x.co"
        oracle.may_deliver(self.site)
        self.site["customers"][1]["email"] = "benny@x.co"
        self.account["contacts"].append(contact(9, "benny@x.co", "ben"))
        self.assertEqual([], self.problems(oracle))

    def test_sees_the_old_contact_of_one_who_came_from_an_address_that_had_one(self):
        self.site["customers"][1]["email"] = "ann@x.co"
        oracle = Oracle(self.settings)
        oracle.may_deliver(self.site)
        for address in ("ben@x.co", "benny@x.co"):
            self.site["customers"][1]["email"] = address
            oracle.may_deliver(self.site)
        self.account["contacts"].append(contact(9, "benny@x.co", "ben"))
        self.assert_found("ben@x.co: remains", oracle)

    def test_sees_a_person_who_was_there_between_two_looks(self):
        self.site["events"] = [{"content": {"customer": customer("ben", "between@x.co")}}]
        oracle = Oracle(self.settings)
        oracle.may_deliver(self.site)
        self.account["contacts"].append(contact(9, "between@x.co", "ben"))
        self.assert_found("between@x.co: remains, though customer ben is now ben@x.co", oracle)

    def test_names_the_records_that_must_be_errors(self):
        site = Site(self.site)
        self.assertEqual({"eve", "fay"}, Oracle(self.settings).failing(site))
        self.assertEqual({"eve", "fay", "cat"}, Oracle({"on_duplicate": "error"}).failing(site))

    def test_does_not_take_over_its_own_mistakes(self):
        before = copy.deepcopy(self.site)
        self.problems()
        self.assertEqual(before, self.site)


if __name__ == "__main__":
    unittest.main()
