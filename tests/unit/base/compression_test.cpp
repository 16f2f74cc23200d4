// Streams in both directions: cut anywhere, put together, broken, and bombs.

#include "base/compression.h"

#include <gtest/gtest.h>

#include <random>

namespace batchout {
namespace {

constexpr Compression kBoth[] = {Compression::gzip, Compression::zstd};

std::string compressed(Compression how, std::string_view text, std::size_t piece = std::string::npos) {
  const auto compressor = make_compressor(how);
  std::string out;
  while (!text.empty()) {
    compressor->write(text.substr(0, piece), out);
    text.remove_prefix(std::min(piece, text.size()));
  }
  compressor->finish(out);
  return out;
}

/// What comes out, or "fault: …", or "cut" if the stream ends early. Fed in pieces, with little room.
std::string decompressed(Compression how, std::string_view stream, std::size_t piece = 1 << 20,
                         std::size_t room = 1 << 16, std::size_t expansion_max = Decompressor::kExpansionMax) {
  const auto decompressor = make_decompressor(how, expansion_max);
  std::string out, buffer(room, '\0');
  while (!stream.empty()) {
    std::string_view in = stream.substr(0, piece);
    stream.remove_prefix(in.size());
    while (!in.empty()) {
      const auto step = decompressor->run(in, buffer.data(), buffer.size());
      if (!step) return "fault: " + step.error();
      in.remove_prefix(step->taken);
      out.append(buffer, 0, step->made);
    }
  }
  return decompressor->complete() ? out : "cut";
}

std::string text_of(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += "line " + std::to_string(random()) + '\n';
  return text;
}

TEST(Compression, IsKnownByTheFirstBytes) {
  for (const Compression how : kBoth) EXPECT_EQ(compression_of(compressed(how, "x")), how);
  EXPECT_EQ(compression_of(std::string_view("\x50\x2A\x4D\x18\x00", 5)), Compression::zstd);
  for (const std::string_view other : {"", "{", "\x1F\x8B", "\x1F\x8B\x00", "PK\x03\x04", "\x28\xB5\x2F", "BZh9"})
    EXPECT_EQ(compression_of(other), Compression::none) << other;
}

TEST(Compression, TextsComeBackHoweverTheyAreCut) {
  const std::string text = text_of(300'000);
  for (const Compression how : kBoth) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{777}, std::string::npos}) {
      const std::string stream = compressed(how, text, piece == 1 ? 1000 : piece);
      EXPECT_LT(stream.size(), text.size());
      EXPECT_EQ(decompressed(how, stream, piece), text);
    }
    EXPECT_EQ(compressed(how, ""), "");
  }
}

// Whoever got a whole room asks for more.
TEST(Compression, AnEndThatIsAskedOnceMoreStaysOne) {
  for (const Compression how : kBoth) {
    const auto decompressor = make_decompressor(how);
    const std::string stream = compressed(how, "12345678");
    char room[8];
    std::string_view rest = stream;
    while (!rest.empty()) rest.remove_prefix(decompressor->run(rest, room, sizeof room)->taken);
    EXPECT_TRUE(decompressor->complete());
    EXPECT_EQ(decompressor->run({}, room, sizeof room)->made, 0u);
    EXPECT_TRUE(decompressor->complete());
  }
}

TEST(Compression, PartsThatFollowEachOtherAreOneText) {
  for (const Compression how : kBoth) {
    const auto compressor = make_compressor(how);
    std::string stream;
    for (const std::string_view part : {"one\n", "two\n", "", "three\n"}) {
      compressor->write(part, stream);
      compressor->finish(stream);
    }
    stream += compressed(how, "four\n");
    for (const std::size_t piece : {1u, 5u, 1000u})
      EXPECT_EQ(decompressed(how, stream, piece), "one\ntwo\nthree\nfour\n");
  }
  EXPECT_EQ(decompressed(Compression::gzip, compressed(Compression::gzip, "a") + std::string(1000, '\0')), "a");
}

TEST(Compression, AStreamThatIsCutIsNeverComplete) {
  for (const Compression how : kBoth) {
    const std::string stream = compressed(how, text_of(2'000));
    for (std::size_t size = 1; size < stream.size(); ++size)
      EXPECT_EQ(decompressed(how, std::string_view(stream).substr(0, size)), "cut") << size;
  }
}

TEST(Compression, ChangedBytesAreNoticed) {
  std::mt19937 random(1);
  const std::string text = text_of(5'000);
  for (const Compression how : kBoth) {
    const std::string good = compressed(how, text);
    for (int i = 0; i < 2'000; ++i) {
      std::string bad = good;
      bad[random() % bad.size()] ^= static_cast<char>(1 + random() % 255);
      const std::string got = decompressed(how, bad, 1 + random() % 500, 1 + random() % 5'000);
      // Name and time in the header of gzip, and unused bits, change nothing.
      EXPECT_TRUE(got == text || got.starts_with("fault: ") || got == "cut") << i;
    }
    EXPECT_TRUE(decompressed(how, good + "garbage").starts_with("fault: "));
    EXPECT_TRUE(decompressed(how, "no stream at all").starts_with("fault: "));
  }
}

TEST(Compression, WhatGrowsBeyondMeasureIsRefused) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  for (const Compression how : kBoth) {
    const std::string bomb = compressed(how, zeros);
    EXPECT_EQ(decompressed(how, bomb), "fault: it grows to more than 200 times its size");
    EXPECT_EQ(decompressed(how, bomb, 1 << 20, 1 << 16, 1'000'000), zeros);
    const std::string small = compressed(how, zeros.substr(0, 1 << 20));
    EXPECT_EQ(decompressed(how, small).size(), std::size_t{1} << 20);
  }
}

}  // namespace
}  // namespace batchout
