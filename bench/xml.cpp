// Speed of XML extraction: this library beside libxml2's tree with compiled XPath, used by hand, in one run.
//
// All read the same arenas of generated orders and write the same six fields (two texts and an integer of the order,
// three texts of each line) into the same kind of columns. Rounds alternate, pinned to one processor.
//
// Usage: batchout-bench-xml [messages] [rounds]

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "components/xml/program.h"
#include "data/extraction.h"

namespace batchout::bench {
namespace {

std::string order_message(std::size_t number) {
  std::uint64_t state = number * 0x9E3779B97F4A7C15 + 1;
  const auto next = [&state](std::uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
  };
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<order id=\"{}\" channel=\"web\" currency=\"EUR\">\n"
      "  <customer><number>C-{:06}</number><name>Name &amp; Sons {}</name><country>DE</country></customer>\n  "
      "<lines>\n",
      number, next(1'000'000), next(1000));
  const std::uint64_t lines = 1 + next(10);
  for (std::uint64_t i = 0; i < lines; ++i)
    fmt::format_to(
        std::back_inserter(text),
        "    <line no=\"{}\" warehouse=\"W{}\">\n      <sku>SKU-{:05}</sku>\n      <description>An article of "
        "the kind {}</description>\n      <quantity>{}</quantity>\n      <price currency=\"EUR\">{}.{:02}"
        "</price>\n    </line>\n",
        i + 1, next(9), next(100'000), next(5000), 1 + next(20), next(500), next(100));
  return text + "  </lines>\n  <note>Leave it at the door</note>\n</order>\n";
}

std::vector<Payloads> arenas_of(std::size_t messages, std::size_t& bytes) {
  std::vector<Payloads> arenas;
  for (std::size_t number = 0; number < messages; ++number) {
    const std::string message = order_message(number);
    if (arenas.empty() || !arenas.back().fits(message.size())) arenas.emplace_back();
    const auto position = static_cast<std::int64_t>(number);
    arenas.back().append(message, UnitId{0}, position, position + 1);
    bytes += message.size();
  }
  return arenas;
}

// What a run found, to compare.
struct Found {
  std::size_t rows = 0;
  std::uint64_t sum = 0;

  bool operator==(const Found&) const = default;
};

Found found_in(const Values& values, std::size_t rows) {
  Found found{rows, 0};
  for (const Column& column : values.columns)
    for (std::size_t i = 0; i < column.size(); i += 7)
      found.sum += column.tag(i) == Tag::text ? column.text(i).size() + static_cast<unsigned char>(column.text(i)[0])
                                              : column.word(i);
  return found;
}

Projection projection() {
  Projection result;
  result.levels.resize(2);
  result.levels[1].index = "line";
  result.levels[1].path = {"/order/lines/line", {"/order/lines/line"}};
  const auto add = [&result](std::vector<Template::Piece> pieces, LevelId level, Kind kind) {
    ProjectionColumn column;
    column.path.pieces = std::move(pieces);
    column.level = level;
    column.cast.kind = kind;
    result.columns.push_back(std::move(column));
  };
  const Template::Slot slot{1, ""};
  add({"/order/@id"}, 0, Kind::integer);
  add({"/order/customer/number/text()"}, 0, Kind::text);
  add({"/order/customer/name/text()"}, 0, Kind::text);
  add({"/order/lines/line[", slot, "]/@no"}, 1, Kind::text);
  add({"/order/lines/line[", slot, "]/sku/text()"}, 1, Kind::text);
  add({"/order/lines/line[", slot, "]/price/text()"}, 1, Kind::text);
  result.rows.root.groups = {{RowShape::Node{1, false, {}}}};
  return result;
}

class Ours {
 public:
  explicit Ours(bool tree_only)
      : projection_(projection()),
        extraction_(projection_),
        program_(std::make_shared<const xml::CompiledProjection>(projection_, xml::Namespaces{}), xml::Form::xml,
                 tree_only) {}

  Found read(const Payloads& payloads) {
    extraction_.clear();
    program_.run(payloads, extraction_);
    return found_in(*extraction_.values, extraction_.levels[1].count);
  }

 private:
  Projection projection_;
  Extraction extraction_;
  xml::XmlProgram program_;
};

// The program that one would write by hand: one parser kept, the paths of a line compiled relative to it.
class ByHand {
 public:
  ByHand() {
    values_.columns.resize(6);
    for (const char* path : {"/order/@id", "/order/customer/number/text()", "/order/customer/name/text()",
                             "/order/lines/line", "./@no", "./sku/text()", "./price/text()"})
      paths_.push_back(xmlXPathCompile(reinterpret_cast<const xmlChar*>(path)));
  }
  ~ByHand() {
    for (xmlXPathCompExpr* path : paths_) xmlXPathFreeCompExpr(path);
    xmlXPathFreeContext(context_);
    xmlFreeParserCtxt(parser_);
  }

  Found read(const Payloads& payloads) {
    for (Column& column : values_.columns) column.clear();
    std::size_t rows = 0;
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const std::string_view bytes = payloads.bytes(payload);
      xmlDoc* const document = xmlCtxtReadMemory(parser_, bytes.data(), static_cast<int>(bytes.size()), nullptr,
                                                 nullptr, XML_PARSE_NONET | XML_PARSE_COMPACT);
      context_->doc = document;
      xmlNode* const root = xmlDocGetRootElement(document);
      for (std::size_t column = 0; column < 3; ++column) value(column, root, column);
      xmlXPathObject* const lines = found(3, root);
      for (int i = 0; i < lines->nodesetval->nodeNr; ++i, ++rows)
        for (std::size_t column = 3; column < 6; ++column) value(column, lines->nodesetval->nodeTab[i], column + 1);
      xmlXPathFreeObject(lines);
      xmlFreeDoc(document);
    }
    return found_in(values_, rows);
  }

 private:
  xmlXPathObject* found(std::size_t path, xmlNode* node) {
    context_->node = node;
    return xmlXPathCompiledEval(paths_[path], context_);
  }

  void value(std::size_t column, xmlNode* node, std::size_t path) {
    xmlXPathObject* const object = found(path, node);
    const xmlNode* match = object->nodesetval->nodeTab[0];
    if (match->type == XML_ATTRIBUTE_NODE) match = match->children;
    const std::string_view text = reinterpret_cast<const char*>(match->content);
    if (column == 0)
      values_.columns[0].append_integer(std::strtoll(text.data(), nullptr, 10));
    else
      values_.columns[column].append_text(Tag::text, text);
    xmlXPathFreeObject(object);
  }

  xmlParserCtxt* parser_ = xmlNewParserCtxt();
  xmlXPathContext* context_ = xmlXPathNewContext(nullptr);
  std::vector<xmlXPathCompExpr*> paths_;
  Values values_;
};

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

void print(const char* name, const std::vector<double>& seconds, const std::vector<double>& by_hand, std::size_t bytes,
           std::size_t rows) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < seconds.size(); ++i) ratios.push_back(by_hand[i] / seconds[i]);
  const double middle = median(seconds);
  fmt::print("{:<28} {:8.0f} MB/s {:8.2f} M rows/s {:8.2f}\n", name, static_cast<double>(bytes) / middle / 1e6,
             static_cast<double>(rows) / middle / 1e6, median(ratios));
}

int run(std::size_t messages, std::size_t rounds) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(std::max(0, sched_getcpu())), &set);
  sched_setaffinity(0, sizeof set, &set);
  std::size_t bytes = 0;
  const std::vector<Payloads> arenas = arenas_of(messages, bytes);
  Ours fused(false), tree(true);
  ByHand by_hand;
  Found found[3];
  std::vector<double> seconds[3];
  for (std::size_t round = 0; round <= rounds; ++round) {
    const double times[] = {seconds_of(fused, arenas, found[0]), seconds_of(tree, arenas, found[1]),
                            seconds_of(by_hand, arenas, found[2])};
    if (found[0] != found[2] || found[1] != found[2]) {
      fmt::print(stderr, "not all find the same: {}, {} and {} rows\n", found[0].rows, found[1].rows, found[2].rows);
      return 1;
    }
    if (round == 0) continue;  // Warms up.
    for (std::size_t i = 0; i < 3; ++i) seconds[i].push_back(times[i]);
  }
  fmt::print("{} messages, {} bytes, {} rows, {} rounds\n", messages, bytes, found[0].rows, rounds);
  print("one walk", seconds[0], seconds[2], bytes, found[0].rows);
  print("tree", seconds[1], seconds[2], bytes, found[0].rows);
  print("libxml2 and XPath by hand", seconds[2], seconds[2], bytes, found[0].rows);
  return 0;
}

}  // namespace
}  // namespace batchout::bench

int main(int argc, char** argv) {
  const auto number = [&](int i, std::size_t otherwise) {
    return argc > i ? static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10)) : otherwise;
  };
  return batchout::bench::run(number(1, 30'000), std::max<std::size_t>(1, number(2, 7)));
}
