// Compressed files: the same payloads and positions as of the unpacked bytes, and what is damaged.

#include <random>

#include "../harness.h"
#include "base/compression.h"

namespace batchout {

void add_file(Registry&);

namespace {

using testing::context;
using testing::Read;
using testing::read_round;
using Texts = std::vector<std::string>;
using Settings = std::vector<std::pair<std::string, Node>>;

std::string packed(Compression how, std::string_view text) {
  const auto compressor = make_compressor(how);
  std::string out;
  compressor->write(text, out);
  compressor->finish(out);
  return out;
}

class CompressedFile : public ::testing::TestWithParam<Compression> {
 protected:
  std::unique_ptr<Input> open(Settings settings) {
    return testing::make_input(add_file, "file", Node::mapping(std::move(settings)),
                               context(Dialect::v1, folder_.path(), records_.log()));
  }
  Read read(Settings settings, std::int64_t start = Position::kUnset) {
    return read_round(*open(std::move(settings)), {100'000, 1 << 20}, start);
  }
  static std::string pack(std::string_view text) { return packed(GetParam(), text); }

  testing::TemporaryFolder folder_;
  testing::Records records_;
};

INSTANTIATE_TEST_SUITE_P(Formats, CompressedFile, ::testing::Values(Compression::gzip, Compression::zstd),
                         [](const auto& format) { return format.param == Compression::gzip ? "gzip" : "zstd"; });

std::string lines(std::size_t count) {
  std::mt19937 random(3);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "{\"n\": " + std::to_string(random()) + "}\n";
  return text;
}

TEST_P(CompressedFile, GivesThePayloadsAndPositionsOfWhatIsInIt) {
  const std::string text = lines(50'000);
  folder_.put("plain", text);
  // In three parts, cut within a line.
  folder_.put("packed", pack(text.substr(0, 1000)) + pack(text.substr(1000, 500'000)) + pack(text.substr(501'000)));
  for (const Settings& split : {Settings{}, Settings{{"split", "lines"}}, Settings{{"chunk_bytes", 777}},
                                Settings{{"chunk_endswith", "1}\n"}}}) {
    Settings plain = split, compressed = split;
    plain.emplace_back("path", "plain");
    compressed.emplace_back("path", "packed");
    const Read expected = read(plain), found = read(compressed);
    EXPECT_EQ(found.error, "");
    EXPECT_EQ(found.payloads, expected.payloads);
    EXPECT_EQ(found.positions, expected.positions);
    EXPECT_EQ(found.next, expected.next);
    const std::int64_t middle = expected.positions[expected.positions.size() / 2];
    EXPECT_EQ(read(compressed, middle).payloads, read(plain, middle).payloads);
  }
}

TEST_P(CompressedFile, GoesBackToAPositionByUnpackingOnceMore) {
  folder_.put("packed", pack(lines(20'000)));
  const auto input = open({{"path", "packed"}, {"split", "lines"}});
  const Read all = read_round(*input, {100'000, 1 << 20});
  ASSERT_TRUE(input->seek(std::vector<Position>{{UnitId{0}, all.positions[15'000], {}}}));
  Read again;
  testing::drain(*input, again, {100'000, 1 << 20});
  EXPECT_EQ(again.payloads, Texts(all.payloads.begin() + 15'000, all.payloads.end()));
  EXPECT_EQ(again.positions.front(), all.positions[15'000]);
}

TEST_P(CompressedFile, CutsListsAndXmlOutOfIt) {
  folder_.put("list", pack("[{\"a\": 1}, {\"a\": 2}]"));
  folder_.put("xml", pack("<r><o>1</o><o>2</o></r>"));
  EXPECT_EQ(read({{"path", "list"}, {"split", "json_array"}}).payloads, (Texts{"{\"a\": 1}", "{\"a\": 2}"}));
  EXPECT_EQ(read({{"path", "xml"}, {"split", Node::mapping({{"xml", "/r/o"}})}}).payloads,
            (Texts{"<r><o>1</o></r>", "<r><o>2</o></r>"}));
}

TEST_P(CompressedFile, WhatIsCutOffLosesItsRestOnly) {
  const std::string whole = pack(lines(1000));
  folder_.put("cut", whole.substr(0, whole.size() / 2));
  const Read read = this->read({{"path", "cut"}, {"split", "lines"}});
  EXPECT_EQ(read.error, "");
  ASSERT_GE(read.states.size(), 1u);
  EXPECT_EQ(read.states.back(), Payloads::State::broken);
  EXPECT_EQ(std::ranges::count(read.states, Payloads::State::broken), 1);
  // Behind it nothing comes any more, and the fault is told once.
  EXPECT_EQ(this->read({{"path", "cut"}, {"split", "lines"}}, read.next).payloads, Texts{});
  const Read as_a_whole = this->read({{"path", "cut"}});
  EXPECT_EQ(as_a_whole.states, std::vector{Payloads::State::broken});
}

TEST_P(CompressedFile, DamageIsOneBrokenPayload) {
  const std::string good = pack("{\"n\": 1}\n");
  const std::string bomb = pack(std::string(std::size_t{40} << 20, 'x'));
  std::string changed = good;
  changed[good.size() - 2] ^= 1;
  const std::pair<std::string, std::string> cases[] = {
      {good + "garbage", "[BO419] the compressed data is damaged: "},
      {changed, "[BO419] the compressed data is damaged: "},
      {good.substr(0, good.size() - 1), "[BO419] the compressed data is cut off"},
      {bomb, "[BO404] the compressed data is too large: it grows to more than 200 times its size"},
      {pack(good), "the data is compressed twice; unpack it before"},
  };
  for (const auto& [content, fault] : cases) {
    folder_.put("bad", content);
    const auto input = open({{"path", "bad"}, {"split", "lines"}});
    ASSERT_TRUE(input->start_round());
    ASSERT_TRUE(input->pull({100, 1 << 20}, testing::soon(), {}));
    ASSERT_TRUE(input->assign(std::vector<Position>{{UnitId{0}, 0, {}}}));
    auto event = input->pull({100, 1 << 20}, testing::soon(), {});
    ASSERT_TRUE(event);
    const auto& payloads = std::get<Payloads>(*event);
    ASSERT_GE(payloads.count(), 1u);
    EXPECT_EQ(payloads.entry(payloads.count() - 1).state, Payloads::State::broken);
    EXPECT_TRUE(payloads.fault(payloads.count() - 1).starts_with(fault)) << payloads.fault(payloads.count() - 1);
    EXPECT_TRUE(std::holds_alternative<End>(*input->pull({100, 1 << 20}, testing::soon(), {})));
  }
  folder_.put("bad", bomb);
  EXPECT_EQ(read({{"path", "bad"}, {"expansion_max", 1'000'000}}).payloads.front().size(), std::size_t{40} << 20);
}

TEST_P(CompressedFile, HowItIsCompressedCanBeSaid) {
  folder_.put("packed", pack("1\n"));
  folder_.put("plain", "1\n");
  const std::string name = GetParam() == Compression::gzip ? "gzip" : "zstd";
  EXPECT_EQ(read({{"path", "packed"}, {"compression", name}}).payloads, Texts{"1\n"});
  EXPECT_EQ(read({{"path", "packed"}, {"compression", "none"}}).payloads, Texts{pack("1\n")});
  EXPECT_EQ(read({{"path", "plain"}, {"compression", name}}).states, std::vector{Payloads::State::broken});
  for (const char* text : {"", "1", "12", "123", "\x1F\x8B", "\x28\xB5\x2F"}) {
    folder_.put("short", text);
    EXPECT_EQ(read({{"path", "short"}}).payloads, *text == '\0' ? Texts{} : Texts{text});
  }
}

TEST_P(CompressedFile, RandomBytesNeverBreakMoreThanTheirFile) {
  std::mt19937 random(11);
  const std::string good = pack(lines(200));
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    for (int k = 0; k < 3; ++k) bad[4 + random() % (bad.size() - 4)] = static_cast<char>(random());
    folder_.put("bad", bad);
    const Read read = this->read({{"path", "bad"}, {"split", "lines"}});
    EXPECT_EQ(read.error, "");
    EXPECT_LE(std::ranges::count(read.states, Payloads::State::broken), 1);
  }
}

}  // namespace
}  // namespace batchout
