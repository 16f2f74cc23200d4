// The input of files: what becomes a payload, in which order, from where, and what is refused.

#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "../harness.h"
#include "data/position_book.h"

namespace batchout {

void add_file(Registry&);

namespace {

using testing::context;
using testing::make_input;
using testing::Read;
using testing::read_round;
using Texts = std::vector<std::string>;

class FileInput : public ::testing::Test {
 protected:
  std::unique_ptr<Input> open(std::vector<std::pair<std::string, Node>> settings, Dialect dialect = Dialect::v1) {
    return make_input(add_file, "file", Node::mapping(std::move(settings)),
                      context(dialect, folder_.path(), records_.log()));
  }

  testing::TemporaryFolder folder_;
  testing::Records records_;
};

TEST_F(FileInput, GivesEachFileOfAMaskAsOnePayload) {
  folder_.put("in/part-2.json", "{\"n\": 2}\n");
  folder_.put("in/part-1.json", "{\"n\": 1}\n");
  folder_.put("in/empty-part-3.json", "");
  folder_.put("in/part-4.json", "");
  const auto input = open({{"path", "in/part-*.json"}});
  const Read read = read_round(*input);
  EXPECT_EQ(read.payloads, (Texts{"{\"n\": 1}\n", "{\"n\": 2}\n"}));
  EXPECT_EQ(read.positions, (std::vector<std::int64_t>{0, 0}));
  ASSERT_EQ(read.units.size(), 3U);
  EXPECT_EQ(read.units[0].source, "file:in/part-*.json");
  EXPECT_EQ(read.units[0].name, "in/part-1.json");
}

// Stores keep names of units as texts.
TEST_F(FileInput, GivesUnitsNamesThatAreTextsAndLeadBackToTheirFiles) {
  const std::vector<std::pair<std::string, std::string>> names{
      {"in/caf%E9", "in/caf%E9"},
      {"in/caf\xC3\xA9", "in/caf\xC3\xA9"},
      {"in/caf\xC3\xA9 50%\xE9", "in/caf\xC3\xA9 50%25%E9/"},
      {"in/caf\xE9", "in/caf%E9/"},
  };
  for (const auto& [path, name] : names) folder_.put(path, path);
  const auto input = open({{"path", "in/*"}});
  const Read read = read_round(*input);
  const auto& units = dynamic_cast<const NamedUnits&>(*input);
  ASSERT_EQ(read.units.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(read.payloads[i], names[i].first);
    EXPECT_EQ(read.units[i].name, names[i].second);
    for (const std::string& text : {names[i].first, names[i].second}) {
      const auto unit = units.unit_named(text);
      ASSERT_TRUE(unit) << text;
      EXPECT_EQ(unit->name, names[i].second);
      EXPECT_TRUE(units.token_at(*unit, 0, {}, "")) << text;
    }
  }
  EXPECT_FALSE(units.unit_named("in/caf%C3%A9/x/"));
}

/// Files "log*" as a second run meets them, of which the first one has read "log".
class RotatedFile : public FileInput {
 protected:
  void read(const std::string& content) {
    folder_.put("log", content);
    const auto input = open({{"path", "log*"}, {"split", "lines"}});
    static_cast<void>(start(*input, {}));
    kept_ = start(*input, {}).front();
    kept_.number = static_cast<std::int64_t>(content.size());
  }

  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(folder_.path(from), folder_.path(to));
  }

  // Where "log.1" is read from, beside "log".
  std::int64_t start_of_renamed() {
    const auto input = open({{"path", "log*"}, {"split", "lines"}});
    const auto starts = start(*input, kept_);
    return starts.size() == 2 ? starts[1].number : Position::kUnset;
  }

  static std::vector<Position> start(Input& input, const Position& first) {
    EXPECT_TRUE(input.start_round());
    const auto event = input.pull({}, {}, {});
    const auto* assigned = event ? std::get_if<Assigned>(&*event) : nullptr;
    if (assigned == nullptr) return {};
    std::vector<Position> positions;
    for (const Unit& unit : assigned->units) positions.push_back({unit.id, 0, {}});
    positions[0].number = first.number;
    positions[0].token = first.token;
    const auto starts = input.assign(positions);
    EXPECT_TRUE(starts) << (starts ? "" : starts.error().message);
    return starts ? *starts : std::vector<Position>{};
  }

  Position kept_;
};

TEST_F(RotatedFile, IsReadOnByItsInode) {
  read("1\n2\n");
  rename("log", "log.1");
  folder_.put("log", "3\n");
  EXPECT_EQ(start_of_renamed(), 4);
  const std::size_t inode = kept_.token.find("&inode=");
  ASSERT_NE(inode, std::string::npos);
  kept_.token.erase(inode, kept_.token.find('&', inode + 1) - inode);
  EXPECT_EQ(start_of_renamed(), 0) << "an earlier version has kept none";
}

TEST_F(RotatedFile, IsNoneThatOnlyBeginsLikeIt) {
  folder_.put("other", "1\n2\n3\n");
  read("1\n2\n");
  rename("log", "old");
  rename("other", "log.1");
  folder_.put("log", "4\n");
  EXPECT_EQ(start_of_renamed(), 0);
}

TEST_F(RotatedFile, IsNoneThatHasBecomeShorter) {
  std::string content;
  while (content.size() < 200'000) content += "line\n";
  read(content);
  rename("log", "log.1");
  std::filesystem::resize_file(folder_.path("log.1"), 100'000);
  folder_.put("log", "4\n");
  EXPECT_EQ(start_of_renamed(), 0);
}

TEST_F(FileInput, LooksForFilesAgainInEveryRound) {
  folder_.put("b", "1");
  const auto input = open({{"path", "*"}});
  const Read first = read_round(*input);
  folder_.put("a", "2");
  const Read second = read_round(*input);
  EXPECT_EQ(first.payloads, Texts{"1"});
  EXPECT_EQ(second.payloads, (Texts{"2", "1"}));
  EXPECT_EQ(first.units[0].id, second.units[1].id);
  EXPECT_NE(second.units[0].id, second.units[1].id);
}

TEST_F(FileInput, LeavesWhatIsNotWholeToALaterRound) {
  folder_.put("rows", "1\n2\n3");
  folder_.put("list", "[1, 2");
  const auto rows = open({{"path", "rows"}, {"split", "lines"}, {"final", false}});
  EXPECT_EQ(read_round(*rows).payloads, (Texts{"1", "2"}));
  folder_.put("rows", "1\n2\n34\n5");
  EXPECT_EQ(read_round(*rows).payloads, (Texts{"1", "2", "34"}));
  const auto list = open({{"path", "list"}, {"split", "json_array"}, {"final", false}});
  const Read found = read_round(*list);
  EXPECT_EQ(found.payloads, Texts{"1"});
  EXPECT_EQ(found.states, std::vector{Payloads::State::usable});
  EXPECT_EQ(testing::input_problems(add_file, "file", Node::mapping({{"path", "rows"}, {"final", false}})),
            "test.final: false needs a split, since only the end of the file would end the payload [BO206]\n");
}

TEST_F(FileInput, EndsPayloadsBehindTheMark) {
  folder_.put("rows.ndjson", "\n{\"n\": 1}\n\n{\"n\": 2}");
  const auto input = open({{"path", "rows.ndjson"}, {"chunk_endswith", "\n"}});
  const Read read = read_round(*input);
  EXPECT_EQ(read.payloads, (Texts{"\n", "{\"n\": 1}\n", "\n", "{\"n\": 2}"}));
  EXPECT_EQ(read.positions, (std::vector<std::int64_t>{0, 1, 10, 11}));
  EXPECT_EQ(read.next, 19);
}

TEST_F(FileInput, EndsPayloadsAfterSoManyBytesOrAtTheMark) {
  folder_.put("blob.txt", "ab;cdefghij;k;lmnopq");
  const auto by_bytes = open({{"path", "blob.txt"}, {"chunk_bytes", 8}});
  EXPECT_EQ(read_round(*by_bytes).payloads, (Texts{"ab;cdefg", "hij;k;lm", "nopq"}));
  const auto both = open({{"path", "blob.txt"}, {"chunk_bytes", "5"}, {"chunk_endswith", ";"}});
  EXPECT_EQ(read_round(*both).payloads, (Texts{"ab;", "cdefg", "hij;", "k;", "lmnop", "q"}));
}

TEST_F(FileInput, NeverJoinsChunksAcrossFiles) {
  folder_.put("1", "a\nb");
  folder_.put("2", "c\n");
  EXPECT_EQ(read_round(*open({{"path", "[12]"}, {"chunk_endswith", "\n"}})).payloads, (Texts{"a\n", "b", "c\n"}));
}

TEST_F(FileInput, ReadsRecordsThatSpanBlocks) {
  std::string content;
  Texts records;
  for (std::size_t size : {10UL, 300'000UL, 5UL, 1'000'000UL, 262'143UL, 262'144UL, 1UL})
    records.push_back(std::string(size - 1, 'x') + "\n");
  for (const std::string& record : records) content += record;
  folder_.put("long", content);
  const auto input = open({{"path", "long"}, {"chunk_endswith", "\n"}});
  EXPECT_EQ(read_round(*input).payloads, records);
  EXPECT_EQ(read_round(*input, {1, 1}).payloads, records);
}

TEST_F(FileInput, StartsWhereItIsAssignedAndGoesBackWhereItIsTold) {
  folder_.put("1", "aa\nbb\n");
  folder_.put("2", "cc\ndd\n");
  const auto input = open({{"path", "?"}, {"chunk_endswith", "\n"}});
  const Read read = read_round(*input, {100, 100}, 3);
  EXPECT_EQ(read.payloads, (Texts{"bb\n", "dd\n"}));

  const std::vector<Position> back{{read.units[0].id, 3, {}}, {read.units[1].id, 0, {}}};
  ASSERT_TRUE(input->seek(back));
  Read again;
  testing::drain(*input, again);
  EXPECT_EQ(again.payloads, (Texts{"bb\n", "cc\n", "dd\n"}));
}

TEST_F(FileInput, SkipsUnitsThatAreReleased) {
  folder_.put("1", "a");
  folder_.put("2", "b");
  const auto input = open({{"path", "?"}});
  ASSERT_TRUE(input->start_round());
  const auto event = input->pull({1, 100}, testing::soon(), {});
  const std::vector<UnitId> units{std::get<Assigned>(*event).units[0].id};
  input->release(units);
  Read read;
  testing::drain(*input, read);
  EXPECT_EQ(read.payloads, Texts{"b"});
}

TEST_F(FileInput, TakesAMissingFileAsEmptyInOldDialectsAndSaysSoOnce) {
  const auto input = open({{"path", "nothere.json"}}, Dialect::v0_3_0);
  EXPECT_EQ(read_round(*input).payloads, Texts{});
  EXPECT_EQ(read_round(*input).payloads, Texts{});
  EXPECT_EQ(records_.lines, Texts{"warning No file was found, so there are no payloads: nothere.json"});
}

TEST_F(FileInput, RefusesAMissingFileButNotAnEmptyMask) {
  EXPECT_EQ(read_round(*open({{"path", "nothere.json"}})).error,
            "BO521 The file is not there; correct the path or use a mask: nothere.json");
  EXPECT_EQ(read_round(*open({{"path", "nothere*.json"}})).error, "");
}

TEST_F(FileInput, RefusesAFolder) {
  folder_.put("in/a", "x");
  EXPECT_EQ(read_round(*open({{"path", "in"}}, Dialect::v0_3_0)).error,
            "BO522 A folder was given where a file is needed; name its files by a mask: in");
}

TEST_F(FileInput, ReadsAFifoThatIsNamedAndCannotGoBackInIt) {
  ASSERT_EQ(::mkfifo(folder_.path("pipe").c_str(), 0600), 0);
  const auto input = open({{"path", "pipe"}, {"chunk_endswith", "\n"}});
  ASSERT_TRUE(input->start_round());
  std::jthread writer([this] { std::ofstream(folder_.path("pipe")) << "a\nb\n"; });
  Read read;
  for (int i = 0; i < 50 && read.payloads.size() < 2; ++i) testing::drain(*input, read);
  EXPECT_EQ(read.payloads, (Texts{"a\n", "b\n"}));
  EXPECT_EQ(read_round(*open({{"path", "p*"}})).payloads, Texts{});
}

TEST_F(FileInput, WaitsForAFifoOnlyUntilTheDeadline) {
  ASSERT_EQ(::mkfifo(folder_.path("pipe").c_str(), 0600), 0);
  const auto input = open({{"path", "pipe"}});
  Read read = read_round(*input);
  EXPECT_EQ(read.payloads, Texts{});
  const auto event = input->pull({1, 1}, testing::soon(), {});
  EXPECT_TRUE(std::holds_alternative<Idle>(*event));
}

TEST_F(FileInput, TellsFileAndByteOffsetOfEachPayload) {
  folder_.put("in/a", "one\ntwo\n");
  folder_.put("in/b", "three\n");
  const auto input = open({{"path", "in/*"}, {"chunk_endswith", "\n"}});
  ASSERT_TRUE(input->start_round());
  const auto units = std::get<Assigned>(*input->pull({10, 100}, testing::soon(), {})).units;
  ASSERT_TRUE(input->assign(std::vector<Position>{{units[0].id, 4, {}}, {units[1].id, 0, {}}}));
  const auto event = input->pull({10, 100}, testing::soon(), {});
  const auto& payloads = std::get<Payloads>(*event);
  ASSERT_EQ(payloads.count(), 2U);
  EXPECT_EQ(payloads.metadata(0, MetaField::file), MetaValue("in/a"));
  EXPECT_EQ(payloads.metadata(0, MetaField::offset), MetaValue(4));
  EXPECT_EQ(payloads.metadata(1, MetaField::file), MetaValue("in/b"));
  EXPECT_EQ(payloads.metadata(1, MetaField::offset), MetaValue(0));
  EXPECT_EQ(payloads.metadata(1, MetaField::topic), MetaValue());
}

Node split_by(const char* key, const char* value) {
  return Node::mapping({{key, value}});
}

TEST_F(FileInput, GivesTheElementsOfAListAndOneRejectForABrokenRest) {
  folder_.put("1.json", "[1, {\"a\": [2]}, 3");
  folder_.put("2.json", "[4]");
  const auto input = open({{"path", "?.json"}, {"split", "json_array"}});
  const Read read = read_round(*input);
  EXPECT_EQ(read.payloads, (Texts{"1", "{\"a\": [2]}", "3", "4"}));
  EXPECT_EQ(read.positions, (std::vector<std::int64_t>{1, 4, 16, 1}));
  EXPECT_EQ(read.states[2], Payloads::State::broken);

  // Behind the second element the broken rest comes again, behind the rest nothing does.
  Read again;
  ASSERT_TRUE(input->seek(std::vector<Position>{{read.units[0].id, 14, {}}, {read.units[1].id, 2, {}}}));
  testing::drain(*input, again);
  EXPECT_EQ(again.payloads, Texts{"3"});
  Read behind;
  ASSERT_TRUE(input->seek(std::vector<Position>{{read.units[0].id, again.next, {}}, {read.units[1].id, 0, {}}}));
  testing::drain(*input, behind);
  EXPECT_EQ(behind.payloads, Texts{"4"});
}

TEST_F(FileInput, GivesXmlRecordsAndFindsTheWayBackToThem) {
  folder_.put("in.xml", "<a x='1'><b>1</b><c><b/></c><b>2</b></a>");
  const auto input = open({{"path", "in.xml"}, {"split", split_by("xml", "/a/b")}});
  const Read read = read_round(*input);
  EXPECT_EQ(read.payloads, (Texts{"<a x='1'><b>1</b></a>", "<a x='1'><b>2</b></a>"}));
  EXPECT_EQ(read.positions, (std::vector<std::int64_t>{9, 28}));
  Read again;
  ASSERT_TRUE(input->seek(std::vector<Position>{{read.units[0].id, 17, {}}}));
  testing::drain(*input, again);
  EXPECT_EQ(again.payloads, Texts{"<a x='1'><b>2</b></a>"});
}

TEST_F(FileInput, GivesLinesOfAllDialects) {
  folder_.put("rows.ndjson", "\n{\"n\": 1}\r\n\n{\"n\": 2}");
  for (const Dialect dialect : {Dialect::v0_0_1, Dialect::v0_3_0, Dialect::v1}) {
    const auto input = open({{"path", "rows.ndjson"}, {"split", "lines"}}, dialect);
    EXPECT_EQ(read_round(*input).payloads, (Texts{"{\"n\": 1}", "{\"n\": 2}"}));
  }
}

// Sparse files: nothing of them is on the disk.
TEST_F(FileInput, NamesSplitWhereAPayloadIsTooLarge) {
  folder_.put("large", "[");
  std::filesystem::resize_file(folder_.path("large"), (std::size_t{512} << 20) + 1);
  const auto fault = [&](const std::unique_ptr<Input>& input) {
    EXPECT_TRUE(input->start_round());
    auto event = input->pull({1, 1}, testing::soon(), {});
    const std::vector<Position> start{{std::get<Assigned>(*event).units[0].id, 0, {}}};
    EXPECT_TRUE(input->assign(start));
    event = input->pull({1, 1}, testing::soon(), {});
    const auto& payloads = std::get<Payloads>(*event);
    EXPECT_EQ(payloads.entry(0).state, Payloads::State::too_large);
    return std::string(payloads.fault(0));
  };
  EXPECT_EQ(fault(open({{"path", "large"}})), "the file is larger than a payload may be, 512 MiB; cut it by `split`");
  EXPECT_EQ(fault(open({{"path", "large"}, {"split", split_by("mark", "--")}})),
            "the payload is larger than 512 MiB; have `split` cut smaller ones");
}

TEST_F(FileInput, RefusesSizesAndMarksThatCutNothing) {
  const auto problems = [](Node value, const char* key) {
    return testing::input_problems(add_file, "file", Node::mapping({{"path", "x"}, {key, std::move(value)}}));
  };
  for (const Node& size : {Node(0), Node(-1), Node("two")})
    EXPECT_NE(problems(size, "chunk_bytes").find("chunk_bytes"), std::string::npos);
  EXPECT_NE(problems("", "chunk_endswith").find("is empty; leave it out to take whole files"), std::string::npos);
}

}  // namespace
}  // namespace batchout
