// Cells of metadata: what is noted of payloads, cast like any other value.

#include "data/metadata.h"

#include <gtest/gtest.h>

#include "data/origin.h"

namespace batchout {
namespace {

constexpr std::int64_t kMoment = 1'600'000'000'123;  // 2020-09-13T12:26:40.123 UTC.

class MetadataCells : public ::testing::Test {
 protected:
  MetadataCells() {
    payloads_.append("{}", UnitId{0}, 5, 6);
    payloads_.note_of(UnitId{0}, MetaField::topic, "sessions");
    payloads_.note_of(UnitId{0}, MetaField::offset, 0);
  }

  /// The cells of a column of all payloads, one text each.
  std::vector<std::string> cells(MetaName name, Kind kind, OnError on_error = OnError::null) {
    Projection projection;
    projection.levels.resize(1);
    OriginColumn column;
    column.source = OriginColumn::Source::metadata;
    column.cast.kind = kind;
    column.cast.zone = TimeZone::find("UTC");
    column.cast.on_error = on_error;
    name.milliseconds = kind == Kind::integer;
    column.meta = std::move(name);
    projection.origins.push_back(std::move(column));
    Extraction extraction(projection);
    for (std::size_t i = 0; i < payloads_.count(); ++i) extraction.payloads.push_back(static_cast<std::uint32_t>(i));
    fill_origins(projection, payloads_, extraction);
    std::vector<std::string> texts;
    const Column& filled = extraction.values->columns[0];
    for (std::size_t i = 0; i < filled.size(); ++i) {
      std::string text = filled.tag(i) == Tag::absent ? "absent" : filled.failed(i) ? "failed " : "";
      if (filled.failed(i)) text += filled.excerpt(i);
      if (!filled.failed(i) && filled.tag(i) != Tag::absent) append_json(filled.cell(i), TimeZone::find("UTC"), text);
      texts.push_back(text);
    }
    failures_ = extraction.failures[0];
    return texts;
  }

  Payloads payloads_;
  CastFailures failures_;
};

using Texts = std::vector<std::string>;

TEST_F(MetadataCells, AreNumbersAndTextsThroughTheCast) {
  EXPECT_EQ(cells({MetaField::topic, {}, false}, Kind::text), Texts{"\"sessions\""});
  EXPECT_EQ(cells({MetaField::offset, {}, false}, Kind::integer), Texts{"5"});
  EXPECT_EQ(cells({MetaField::offset, {}, false}, Kind::text), Texts{"\"5\""});
  EXPECT_EQ(cells({MetaField::topic, {}, false}, Kind::integer), Texts{"null"});
  EXPECT_EQ(failures_.count, 1U);
  EXPECT_EQ(failures_.sample, "sessions");
}

TEST_F(MetadataCells, AreAbsentWhereTheInputHasNothing) {
  payloads_.append("{}", UnitId{1}, 0, 1);
  payloads_.append("{}", UnitId{0}, 7, 8);
  payloads_.note(MetaField::key, nullptr);
  payloads_.note(MetaField::header, "a", "trace");
  EXPECT_EQ(cells({MetaField::topic, {}, false}, Kind::text), (Texts{"\"sessions\"", "absent", "\"sessions\""}));
  EXPECT_EQ(cells({MetaField::key, {}, false}, Kind::text), (Texts{"absent", "absent", "null"}));
  EXPECT_EQ(cells({MetaField::header, "trace", false}, Kind::text), (Texts{"absent", "absent", "\"a\""}));
  EXPECT_EQ(cells({MetaField::file, {}, false}, Kind::text), (Texts{"absent", "absent", "absent"}));
}

TEST_F(MetadataCells, OfTimesAreInstantsOrMilliseconds) {
  payloads_.note(MetaField::timestamp, kMoment);
  const MetaName name{MetaField::timestamp, {}, false};
  EXPECT_EQ(cells(name, Kind::datetime), Texts{"\"2020-09-13T12:26:40.123000+00:00\""});
  EXPECT_EQ(cells(name, Kind::date), Texts{"\"2020-09-13\""});
  EXPECT_EQ(cells(name, Kind::text), Texts{"\"2020-09-13T12:26:40.123000+00:00\""});
  EXPECT_EQ(cells(name, Kind::integer), Texts{"1600000000123"});
}

TEST_F(MetadataCells, OfTimesInNoYearDoNotFit) {
  payloads_.note(MetaField::timestamp, INT64_MAX);
  const MetaName name{MetaField::timestamp, {}, false};
  EXPECT_EQ(cells(name, Kind::datetime), Texts{"null"});
  EXPECT_EQ(failures_.sample, "9223372036854775807 ms since 1970");
  EXPECT_EQ(cells(name, Kind::integer), Texts{"9223372036854775807"});
}

TEST_F(MetadataCells, OfBytesThatAreNotTextDoNotFit) {
  payloads_.note(MetaField::key, std::string_view("k\xC3\xA9\xFF\0", 5));
  const MetaName name{MetaField::key, {}, false};
  EXPECT_EQ(cells(name, Kind::text), Texts{"null"});
  EXPECT_EQ(failures_.count, 1U);
  EXPECT_EQ(failures_.sample, std::string("k\xC3\xA9\\xff\0", 8));
  EXPECT_EQ(cells(name, Kind::text, OnError::reject_row), Texts{std::string("failed k\xC3\xA9\\xff\0", 15)});
}

}  // namespace
}  // namespace batchout
