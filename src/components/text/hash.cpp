// SHA-256 of values as 64 hexadecimal digits.
//
// A container is refused: its text depends on blanks and on the order of its members.

#include "base/sha256.h"
#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

enum class Algorithm : std::uint8_t { sha256 };

}  // namespace
}  // namespace batchout::text

namespace batchout {

template <>
struct Choices<text::Algorithm> {
  static constexpr std::string_view names[] = {"sha256"};
};

}  // namespace batchout

namespace batchout::text {
namespace {

// Bytes.
constexpr std::size_t kExcerptSizeMax = 256;

struct Config {
  Algorithm algorithm = Algorithm::sha256;

  static void describe(Spec<Config>& s) {
    s.named("processor", "hash", "Replaces values by their hash, in hexadecimal digits.")
        .field("algorithm", &Config::algorithm, "Which hash.");
  }
};

class Hash final : public Processor {
 public:
  explicit Hash(const Config&) {}

  // Numbers and booleans are hashed as their texts, so 1 and "1" have one hash.
  void apply(const Column& in, Column& out) override {
    char buffer[kPlainSizeMax];
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Cell cell = in.cell(i);
      if (cell.empty())
        out.append(cell);
      else if (cell.tag == Tag::json)
        out.append_failed(cell.text.substr(0, kExcerptSizeMax));
      else if (is_textual(cell.tag))
        append_hash(cell.text, out);
      else
        append_hash({buffer, write_plain(buffer, cell, nullptr)}, out);
    }
  }
  Tags gives(Tags in) const override { return in == tags_of(Tag::json) ? Tags{0} : tags_of(Tag::text); }

 private:
  // Written in place: the digits need no buffer of their own.
  static void append_hash(std::string_view value, Column& out) {
    write_sha256(value, out.text_room(kSha256Digits));
    out.commit_text(Tag::text, kSha256Digits);
  }
};

}  // namespace

void add_hash(Registry& registry) {
  registry.processor<Config, Hash>();
}

}  // namespace batchout::text
