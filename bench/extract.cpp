// Speed of JSON extraction beside code written by hand with simdjson, in one run: all read the same arenas; ours and
// the yardstick write the same columns, and ours then makes rows of them. Rounds alternate, on one processor and in
// processor time; medians are compared. Two lanes are timed by the clock, so the machine must be quiet for them.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "ours.h"

namespace batchout::bench {
namespace {

struct Arenas {
  std::vector<Payloads> arenas;
  std::size_t bytes = 0;
};

Arenas arenas_of(Shape shape, std::size_t megabytes, bool shuffled) {
  Arenas made;
  for (std::size_t number = 0; made.bytes < megabytes * 1'000'000; ++number) {
    const std::string document = document_of(shape, number, shuffled);
    if (made.arenas.empty() || !made.arenas.back().fits(document.size())) made.arenas.emplace_back();
    const auto position = static_cast<std::int64_t>(number);
    made.arenas.back().append(document, UnitId{0}, position, position + 1);
    made.bytes += document.size();
  }
  return made;
}

// One line of the table: what is run, and what came of it.
struct Contender {
  std::string name;
  std::function<double(Found&)> run;  // Gives seconds.
  std::size_t bytes = 0;
  bool comparable = true;  // False: it makes no cells.
  Found found;
  std::vector<double> seconds;
};

double seconds_of(Reader& reader, const Arenas& arenas, Found& found) {
  const double start = processor_seconds();
  for (const Payloads& arena : arenas.arenas) {
    const Found part = reader.read(arena);
    found.rows += part.rows;
    found.sum += part.sum;
  }
  return processor_seconds() - start;
}

Contender contender(std::string name, std::shared_ptr<Reader> reader, const Arenas& arenas) {
  return {std::move(name),
          [reader, &arenas](Found& found) { return seconds_of(*reader, arenas, found); },
          arenas.bytes,
          true,
          {},
          {}};
}

Contender lanes(std::string name, Shape shape, std::size_t count, const Arenas& arenas) {
  const auto run = [shape, count, &arenas](Found& found) {
    return seconds_of_lanes(shape, arenas.arenas, count, found.rows);
  };
  return {std::move(name), run, arenas.bytes, false, {}, {}};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Median of the rounds' ratios: what disturbs a round disturbs both.
double ratio(const Contender& slow, const Contender& fast) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < slow.seconds.size(); ++round)
    ratios.push_back(slow.seconds[round] / fast.seconds[round]);
  return median(ratios);
}

// False if two that should find the same do not.
bool measure(std::vector<Contender>& contenders, std::size_t rounds) {
  for (std::size_t round = 0; round <= rounds; ++round)
    for (Contender& contender : contenders) {
      contender.found = {};
      const double seconds = contender.run(contender.found);
      if (round > 0) contender.seconds.push_back(seconds);  // The first round warms up.
      if (contender.comparable && contender.bytes == contenders[0].bytes && contender.found != contenders[0].found) {
        fmt::print(stderr, "{} finds something else: {} rows instead of {}\n", contender.name, contender.found.rows,
                   contenders[0].found.rows);
        return false;
      }
    }
  return true;
}

// Of throughput; documents with shuffled keys need not have the same size.
double speed_ratio(const Contender& slow, const Contender& fast) {
  return ratio(fast, slow) * static_cast<double>(slow.bytes) / static_cast<double>(fast.bytes);
}

void print(Shape shape, const Contender& contender, const std::string& ratios) {
  const double seconds = median(contender.seconds);
  fmt::print("| {} | {} | {:.0f} | {:.2f} | {} |\n", name_of(shape), contender.name,
             static_cast<double>(contender.bytes) / seconds / 1e6,
             static_cast<double>(contender.found.rows) / seconds / 1e6, ratios);
}

bool measure_shape(Shape shape, std::size_t megabytes, std::size_t rounds) {
  const Arenas ordered = arenas_of(shape, megabytes, false);
  const Arenas shuffled = arenas_of(shape, megabytes, true);
  pin(0);
  std::vector<Contender> all;
  all.push_back(contender("ours", ours(shape), ordered));
  all.push_back(contender("simdjson On-Demand by hand", by_hand(shape, false), ordered));
  all.push_back(contender("simdjson tree alone", tree_only(), ordered));
  all.back().comparable = false;
  all.push_back(contender("ours, shuffled keys", ours(shape), shuffled));
  all.push_back(contender("On-Demand in any order, shuffled keys", by_hand(shape, true), shuffled));
  if (!measure(all, rounds)) return false;
  for (Contender& each : all) each.comparable = false;
  if (all[3].found != all[4].found) return false;
  std::vector<Contender> parallel;
  parallel.push_back(lanes("engine, one lane", shape, 1, ordered));
  parallel.push_back(lanes("engine, two lanes", shape, 2, ordered));
  if (!measure(parallel, rounds)) return false;
  print(shape, all[0],
        fmt::format("**{:.2f}** of by hand, {:.2f} of the tree alone", ratio(all[1], all[0]), ratio(all[2], all[0])));
  print(shape, all[1], "");
  print(shape, all[2], "");
  print(shape, all[3],
        fmt::format("{:.2f} of ordered, {:.2f} of by hand", speed_ratio(all[3], all[0]), ratio(all[4], all[3])));
  print(shape, all[4], "");
  print(shape, parallel[0], "");
  print(shape, parallel[1], fmt::format("{:.2f} of one lane", ratio(parallel[0], parallel[1])));
  return true;
}

int table(std::size_t megabytes, std::size_t rounds) {
  fmt::print("{} MB a shape, medians of {} rounds\n\n", megabytes, rounds);
  fmt::print("| shape | | MB/s | M rows/s | ratio |\n|---|---|---|---|---|\n");
  for (const Shape shape : kShapes)
    if (!measure_shape(shape, megabytes, rounds)) return 1;
  return 0;
}

int alone(Shape shape, std::size_t megabytes, std::size_t rounds, bool shuffled) {
  const Arenas arenas = arenas_of(shape, megabytes, shuffled);
  std::vector<Contender> all;
  all.push_back(contender("ours", ours(shape), arenas));
  measure(all, rounds);
  print(shape, all[0], "");
  return 0;
}

// Ours in both orders, and one lane beside two: what is to be compared, and nothing else.
int own_ratios(Shape shape, std::size_t megabytes, std::size_t rounds) {
  const Arenas ordered = arenas_of(shape, megabytes, false);
  const Arenas shuffled = arenas_of(shape, megabytes, true);
  pin(0);
  std::vector<Contender> orders;
  orders.push_back(contender("ours", ours(shape), ordered));
  orders.push_back(contender("ours, shuffled keys", ours(shape), shuffled));
  orders.back().comparable = false;
  measure(orders, rounds);
  std::vector<Contender> parallel;
  parallel.push_back(lanes("engine, one lane", shape, 1, ordered));
  parallel.push_back(lanes("engine, two lanes", shape, 2, ordered));
  measure(parallel, rounds);
  print(shape, orders[0], "");
  print(shape, orders[1], fmt::format("{:.3f} of ordered", speed_ratio(orders[1], orders[0])));
  print(shape, parallel[0], "");
  print(shape, parallel[1], fmt::format("{:.3f} of one lane", ratio(parallel[0], parallel[1])));
  return 0;
}

int write(Shape shape, const char* path, std::size_t megabytes) {
  std::ofstream file(path, std::ios::binary);
  std::size_t bytes = 0;
  for (std::size_t number = 0; bytes < megabytes * 1'000'000; ++number) {
    const std::string document = document_of(shape, number, false);
    file << document << '\n';
    bytes += document.size() + 1;
  }
  return file ? 0 : 1;
}

int load(Shape shape, const char* path) {
  std::size_t rows = 0;
  const FileSeconds seconds = seconds_of_file(shape, path, rows);
  fmt::print("{:.6f} {:.6f} {}\n", seconds.all, seconds.extracting, rows);
  return 0;
}

}  // namespace
}  // namespace batchout::bench

// batchout-bench-extract [megabytes] [rounds]                everything, as a table
// batchout-bench-extract ours SHAPE [megabytes] [rounds] [shuffled]   ours alone, for profilers
// batchout-bench-extract ratios SHAPE [megabytes] [rounds]   ours alone: shuffled keys, and two lanes
// batchout-bench-extract write SHAPE FILE [megabytes]        one document a line
// batchout-bench-extract load SHAPE FILE                     seconds and rows, for duckdb_rounds.py
int main(int argc, char** argv) {
  using namespace batchout::bench;
  const auto number = [&](int i, std::size_t otherwise) {
    return argc > i ? std::max<std::size_t>(1, std::strtoull(argv[i], nullptr, 10)) : otherwise;
  };
  const std::string word = argc > 1 ? argv[1] : "";
  const auto shape = shape_named(argc > 2 ? argv[2] : "");
  if (word == "ours" && shape) return alone(*shape, number(3, 10), number(4, 50), argc > 5);
  if (word == "ratios" && shape) return own_ratios(*shape, number(3, 40), number(4, 9));
  if (word == "write" && shape && argc > 3) return write(*shape, argv[3], number(4, 200));
  if (word == "load" && shape && argc > 3) return load(*shape, argv[3]);
  return table(number(1, 40), number(2, 7));
}
