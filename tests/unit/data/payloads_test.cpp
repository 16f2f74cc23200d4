// Metadata of payloads: of one, of all of a unit, and of none.

#include "batchout/payloads.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

constexpr UnitId kFirst{0}, kSecond{5};

TEST(PayloadMetadata, IsUnknownUnlessItWasNoted) {
  Payloads payloads;
  payloads.append("a", kFirst, 10, 11);
  EXPECT_EQ(payloads.metadata(0, MetaField::offset), MetaValue());
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "trace"), MetaValue());
  EXPECT_FALSE(payloads.has_notes_of(kFirst));
  EXPECT_EQ(payloads.metadata_bytes(), 0U);
}

TEST(PayloadMetadata, EachPayloadHasItsOwn) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  payloads.append("b", kFirst, 1, 2);
  payloads.note(MetaField::timestamp, 1'600'000'000'123);
  payloads.note(MetaField::key, "user-7");
  payloads.append("c", kFirst, 2, 3);
  payloads.append("d", kFirst, 3, 4);
  payloads.note(MetaField::key, nullptr);
  payloads.append("e", kFirst, 4, 5);
  EXPECT_EQ(payloads.metadata(0, MetaField::key), MetaValue());
  EXPECT_EQ(payloads.metadata(1, MetaField::timestamp), MetaValue(1'600'000'000'123));
  EXPECT_EQ(payloads.metadata(1, MetaField::key), MetaValue("user-7"));
  EXPECT_EQ(payloads.metadata(2, MetaField::key), MetaValue());
  EXPECT_EQ(payloads.metadata(3, MetaField::key), MetaValue(nullptr)) << "no key is not an unknown key";
  EXPECT_EQ(payloads.metadata(3, MetaField::timestamp), MetaValue());
  EXPECT_EQ(payloads.metadata(4, MetaField::key), MetaValue());
}

TEST(PayloadMetadata, TheLastHeaderOfANameCounts) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  payloads.note(MetaField::header, "one", "trace");
  payloads.note(MetaField::header, "", "empty");
  payloads.note(MetaField::header, nullptr, "null");
  payloads.note(MetaField::header, "two", "trace");
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "trace"), MetaValue("two"));
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "empty"), MetaValue(""));
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "null"), MetaValue(nullptr));
  EXPECT_EQ(payloads.metadata(0, MetaField::header, "other"), MetaValue());
}

TEST(PayloadMetadata, HeadersAreListedOnce) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  EXPECT_TRUE(payloads.headers(0).empty());
  payloads.note(MetaField::key, "k");
  payloads.note(MetaField::header, "one", "trace");
  payloads.note(MetaField::header, nullptr, "empty");
  payloads.note(MetaField::header, "two", "trace");
  payloads.append("b", kFirst, 1, 2);
  EXPECT_EQ(payloads.headers(0), (std::vector<std::string_view>{"empty", "trace"}));
  EXPECT_TRUE(payloads.headers(1).empty());
}

TEST(PayloadMetadata, UnitsShareWhatIsTheSameForAll) {
  Payloads payloads;
  payloads.append("a", kSecond, 70, 71);
  payloads.note_of(kSecond, MetaField::topic, "sessions");
  payloads.note_of(kSecond, MetaField::offset, 0);
  payloads.append("b", kFirst, 3, 4);
  payloads.note_of(kFirst, MetaField::file, "a.json");
  payloads.note_of(kFirst, MetaField::offset, 100);
  payloads.append("c", kSecond, 71, 72);
  EXPECT_EQ(payloads.metadata(0, MetaField::topic), MetaValue("sessions"));
  EXPECT_EQ(payloads.metadata(0, MetaField::file), MetaValue());
  EXPECT_EQ(payloads.metadata(0, MetaField::offset), MetaValue(70));
  EXPECT_EQ(payloads.metadata(1, MetaField::file), MetaValue("a.json"));
  EXPECT_EQ(payloads.metadata(1, MetaField::offset), MetaValue(103)) << "the unit's positions count from there";
  EXPECT_EQ(payloads.metadata(2, MetaField::offset), MetaValue(71));
}

TEST(PayloadMetadata, APayloadKnowsBetterThanItsUnit) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  payloads.note_of(kFirst, MetaField::offset, 0);
  payloads.note(MetaField::offset, 77);
  EXPECT_EQ(payloads.metadata(0, MetaField::offset), MetaValue(77));
}

TEST(PayloadMetadata, GoesAlongWithACopy) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  payloads.append("b", kSecond, 4, 5, Payloads::State::broken, "cut off");
  payloads.note_of(kSecond, MetaField::partition, 3);
  payloads.note(MetaField::header, "two", "trace");
  payloads.note(MetaField::status, 404);
  Payloads copies;
  copies.append(payloads, 1);
  copies.append(payloads, 0);
  copies.append(payloads, 1);
  EXPECT_EQ(copies.fault(0), "cut off");
  EXPECT_EQ(copies.bytes(1), "a");
  for (const std::size_t copy : {0U, 2U}) {
    EXPECT_EQ(copies.metadata(copy, MetaField::partition), MetaValue(3));
    EXPECT_EQ(copies.metadata(copy, MetaField::header, "trace"), MetaValue("two"));
    EXPECT_EQ(copies.metadata(copy, MetaField::status), MetaValue(404));
  }
  EXPECT_EQ(copies.metadata(1, MetaField::partition), MetaValue());
}

TEST(PayloadMetadata, ClearForgetsIt) {
  Payloads payloads;
  payloads.append("a", kFirst, 0, 1);
  payloads.note_of(kFirst, MetaField::topic, "sessions");
  payloads.note(MetaField::key, "user-7");
  payloads.clear();
  payloads.append("a", kFirst, 0, 1);
  EXPECT_EQ(payloads.metadata(0, MetaField::topic), MetaValue());
  EXPECT_EQ(payloads.metadata(0, MetaField::key), MetaValue());
  EXPECT_EQ(payloads.metadata_bytes(), 0U);
}

}  // namespace
}  // namespace batchout
