// Speed of JSON extraction: this library beside a hand-written simdjson On-Demand program, in one run.
//
// Both read the same arenas and write the same five fields (three texts, two times as microseconds) into the same
// kind of columns; ours then makes blocks of rows. Rounds alternate, pinned to one processor; medians are compared.
//
// Usage: batchout-bench-extract [messages] [rounds]

#include <fmt/format.h>
#include <sched.h>
#include <simdjson.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/calendar.h"
#include "components/json/extractor.h"
#include "data/extraction.h"
#include "documents.h"

namespace batchout::bench {
namespace {

void pin_to_one_processor() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(std::max(0, sched_getcpu())), &set);
  sched_setaffinity(0, sizeof set, &set);
}

std::vector<Payloads> arenas_of(std::size_t messages, std::size_t& bytes) {
  std::vector<Payloads> arenas;
  for (std::size_t number = 0; number < messages; ++number) {
    const std::string message = session_message(number);
    if (arenas.empty() || !arenas.back().fits(message.size())) arenas.emplace_back();
    const auto position = static_cast<std::int64_t>(number);
    arenas.back().append(message, UnitId{0}, position, position + 1);
    bytes += message.size();
  }
  return arenas;
}

// What a run found, to compare the two.
struct Found {
  std::size_t rows = 0;
  std::uint64_t sum = 0;

  bool operator==(const Found&) const = default;
};

void add_column(const Column& column, Found& found) {
  for (std::size_t i = 0; i < column.size(); i += 97)
    found.sum += column.tag(i) == Tag::text ? column.text(i).size() + static_cast<unsigned char>(column.text(i)[0])
                                            : column.word(i);
}

Found found_in(const Values& values, std::size_t rows) {
  Found found{rows, 0};
  for (const Column& column : values.columns) add_column(column, found);
  return found;
}

Projection projection() {
  Projection result;
  result.levels.resize(2);
  auto& sessions = result.levels[1];
  sessions.index = "session";
  sessions.path = {"sessions", {"sessions"}};
  const auto add = [&result](std::string name, std::vector<Template::Piece> pieces, LevelId level, Kind kind) {
    ProjectionColumn column;
    column.name = std::move(name);
    column.path.pieces = std::move(pieces);
    column.level = level;
    column.cast.kind = kind;
    column.cast.zone = TimeZone::utc();
    result.columns.push_back(std::move(column));
  };
  const Template::Slot slot{1, ""};
  add("user_id", {"user.id"}, 0, Kind::text);
  add("user_last_seen", {"user.last_seen"}, 0, Kind::datetime);
  add("session_id", {"sessions[", slot, "].id"}, 1, Kind::text);
  add("session_created_at", {"sessions[", slot, "].created_at"}, 1, Kind::datetime);
  add("session_useragent", {"sessions[", slot, "].device.useragent"}, 1, Kind::text);
  result.rows.root.groups = {{RowShape::Node{1, false, {}}}};
  return result;
}

std::shared_ptr<const TableShape> shape_of(const Projection& projection) {
  TableShape shape;
  shape.name = "sessions";
  shape.levels = 2;
  for (const auto& column : projection.columns)
    shape.columns.push_back({column.name, column.cast.kind, column.cast.zone, column.level, true});
  return std::make_shared<const TableShape>(std::move(shape));
}

class Ours {
 public:
  Ours() : projection_(projection()), shape_(shape_of(projection_)), extraction_(projection_) {
    program_ = json::JsonExtractor(json::ExtractorConfig{}).compile(projection_);
  }

  Found read(const Payloads& payloads) {
    blocks_.clear();
    extraction_.clear();
    program_->run(payloads, extraction_);
    expand(projection_, shape_, payloads, extraction_, blocks_);
    std::size_t rows = 0;
    for (const Block& block : blocks_) rows += block.rows();
    return found_in(*extraction_.values, rows);
  }

 private:
  Projection projection_;
  std::shared_ptr<const TableShape> shape_;
  Extraction extraction_;
  std::unique_ptr<Program> program_;
  std::vector<Block> blocks_;
};

// The program that one would write by hand for these five fields: fields asked for in their order, texts taken raw and
// unescaped only if there is a backslash.
class ByHand {
 public:
  ByHand() { values_.columns.resize(5); }

  Found read(const Payloads& payloads) {
    for (Column& column : values_.columns) column.clear();
    std::size_t rows = 0;
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const std::string_view bytes = payloads.bytes(payload);
      auto document = parser_.iterate(simdjson::padded_string_view(bytes.data(), bytes.size(), bytes.size() + 64));
      simdjson::ondemand::object root = document.get_object();
      simdjson::ondemand::object user = root.find_field("user").get_object();
      text(user.find_field("id"), values_.columns[0]);
      time(user.find_field("last_seen"), values_.columns[1]);
      for (auto session : root.find_field("sessions").get_array()) {
        simdjson::ondemand::object fields = session.get_object();
        text(fields.find_field("id"), values_.columns[2]);
        time(fields.find_field("created_at"), values_.columns[3]);
        text(fields.find_field("device").find_field("useragent"), values_.columns[4]);
        ++rows;
      }
    }
    return found_in(values_, rows);
  }

 private:
  using Value = simdjson::simdjson_result<simdjson::ondemand::value>;

  static std::string_view raw(simdjson::ondemand::value value) {
    std::string_view token = value.raw_json_token();
    token.remove_prefix(1);
    return token.substr(0, token.rfind('"'));
  }

  static void text(Value value, Column& column) {
    simdjson::ondemand::value found = value.value();
    const std::string_view token = raw(found);
    char* const room = column.text_room(token.size() + 32);
    std::uint8_t escape = 0;
    for (std::size_t at = 0; at < token.size(); at += 32) {
      std::memcpy(room + at, token.data() + at, 32);
      for (std::size_t i = 0; i < 32; ++i) escape |= static_cast<std::uint8_t>(token[at + i] == '\\');
    }
    // What follows the text may hold a backslash; only then it is looked at closely.
    if (escape != 0 && token.find('\\') != std::string_view::npos) {
      column.append_text(Tag::text, found.get_string().value());
      return;
    }
    column.commit_text(Tag::text, token.size());
  }

  static void time(Value value, Column& column) {
    const std::string_view token = raw(value.value());
    const auto digits = [&token](std::size_t at, std::size_t count) {
      int number = 0;
      for (std::size_t i = at; i < at + count; ++i) number = number * 10 + (token[i] - '0');
      return number;
    };
    if (token.size() != 19) return column.append_null();
    const std::int64_t day = day_of({digits(0, 4), digits(5, 2), digits(8, 2)});
    column.append_datetime(day * kDay + digits(11, 2) * kHour + digits(14, 2) * kMinute + digits(17, 2) * kSecond);
  }

  simdjson::ondemand::parser parser_;
  Values values_;
};

// Time of this process only, so that others on the machine do not count.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class Reader>
double seconds_of(Reader& reader, const std::vector<Payloads>& arenas, Found& found) {
  found = {};
  const double start = processor_seconds();
  for (const Payloads& arena : arenas) {
    const Found part = reader.read(arena);
    found.rows += part.rows;
    found.sum += part.sum;
  }
  return processor_seconds() - start;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print(const char* name, double seconds, std::size_t bytes, std::size_t rows) {
  fmt::print("{:<24} {:8.0f} MB/s {:8.2f} M rows/s\n", name, static_cast<double>(bytes) / seconds / 1e6,
             static_cast<double>(rows) / seconds / 1e6);
}

int run(std::size_t messages, std::size_t rounds) {
  pin_to_one_processor();
  std::size_t bytes = 0;
  const std::vector<Payloads> arenas = arenas_of(messages, bytes);
  Ours ours;
  ByHand by_hand;
  Found first, second;
  std::vector<double> ours_seconds, hand_seconds, ratios;
  for (std::size_t round = 0; round <= rounds; ++round) {
    const double a = seconds_of(ours, arenas, first);
    const double b = seconds_of(by_hand, arenas, second);
    if (first != second) {
      fmt::print(stderr, "the two do not find the same: {} and {} rows\n", first.rows, second.rows);
      return 1;
    }
    if (round == 0) continue;  // Warms up.
    ours_seconds.push_back(a);
    hand_seconds.push_back(b);
    ratios.push_back(b / a);
  }
  fmt::print("{} messages, {} bytes, {} rows, {} rounds\n", messages, bytes, first.rows, rounds);
  print("ours, to blocks", median(ours_seconds), bytes, first.rows);
  print("simdjson by hand", median(hand_seconds), bytes, first.rows);
  fmt::print("{:<24} {:8.2f}\n", "ours / by hand", median(ratios));
  return 0;
}

}  // namespace
}  // namespace batchout::bench

int main(int argc, char** argv) {
  const auto number = [&](int i, std::size_t otherwise) {
    return argc > i ? static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10)) : otherwise;
  };
  return batchout::bench::run(number(1, 100'000), std::max<std::size_t>(1, number(2, 9)));
}
