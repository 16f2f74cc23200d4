// Projections as the plan would make them of a map.

#include "shapes.h"

#include <array>
#include <utility>

#include "documents.h"

namespace batchout::bench {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"sessions", "wide", "deep"};

class Map {
 public:
  Map() { map_.levels.resize(1); }

  // A list at `path`, relative to the elements of the level above; gives their level.
  LevelId list(std::string_view key) {
    const auto level = static_cast<LevelId>(map_.levels.size());
    auto& index = map_.levels.emplace_back();
    index.index = "index" + std::to_string(level);
    index.parent = level - 1;
    index.path.pieces = prefix_;
    append(index.path.pieces, std::string(key));
    prefix_ = index.path.pieces;
    append(prefix_, "[");
    prefix_.emplace_back(Template::Slot{level, ""});
    append(prefix_, "].");
    map_.rows.root = level == 1
                         ? RowShape::Node{0, false, {{RowShape::Node{1, false, {}}}}}
                         : RowShape::Node{0, false, {{RowShape::Node{1, false, {{RowShape::Node{2, false, {}}}}}}}};
    return level;
  }

  // A field of the elements of the last list.
  void field(std::string_view path, Kind kind) {
    ProjectionColumn column;
    column.name = path;
    column.path.pieces = prefix_;
    append(column.path.pieces, std::string(path));
    column.level = static_cast<LevelId>(map_.levels.size() - 1);
    column.cast.kind = kind;
    column.cast.zone = TimeZone::utc();
    map_.columns.push_back(std::move(column));
  }

  Projection done() { return std::move(map_); }

 private:
  static void append(std::vector<Template::Piece>& pieces, std::string text) {
    if (!pieces.empty() && std::holds_alternative<std::string>(pieces.back()))
      std::get<std::string>(pieces.back()) += text;
    else
      pieces.emplace_back(std::move(text));
  }

  Projection map_;
  std::vector<Template::Piece> prefix_;
};

Projection sessions() {
  Map map;
  map.field("user.id", Kind::text);
  map.field("user.last_seen", Kind::datetime);
  map.list("sessions");
  map.field("id", Kind::text);
  map.field("created_at", Kind::datetime);
  map.field("device.useragent", Kind::text);
  return map.done();
}

Projection wide() {
  Map map;
  map.field("name_0", Kind::text);
  map.field("count_6", Kind::integer);
  map.field("amount_13", Kind::real);
  map.field("changed_at_24", Kind::datetime);
  map.field("is_flag_35", Kind::boolean);
  map.field("note_47", Kind::text);
  map.field("count_56", Kind::integer);
  map.field("code_59", Kind::text);
  return map.done();
}

Projection deep() {
  Map map;
  map.field("order", Kind::integer);
  map.field("customer.id", Kind::text);
  map.field("placed_at", Kind::datetime);
  map.list("shipments");
  map.field("id", Kind::text);
  map.field("sent_at", Kind::datetime);
  map.field("weight", Kind::real);
  map.list("lines");
  map.field("sku", Kind::text);
  map.field("quantity", Kind::integer);
  map.field("price", Kind::real);
  return map.done();
}

}  // namespace

std::string_view name_of(Shape shape) {
  return kNames[static_cast<std::size_t>(shape)];
}

std::optional<Shape> shape_named(std::string_view name) {
  for (const Shape shape : kShapes)
    if (name_of(shape) == name) return shape;
  return std::nullopt;
}

Projection projection_of(Shape shape) {
  return shape == Shape::sessions ? sessions() : shape == Shape::wide ? wide() : deep();
}

std::shared_ptr<const TableShape> table_of(const Projection& projection) {
  TableShape table;
  table.name = "measured";
  table.levels = static_cast<LevelId>(projection.levels.size());
  for (const auto& column : projection.columns)
    table.columns.push_back({column.name, column.cast.kind, column.cast.zone, column.level, true});
  return std::make_shared<const TableShape>(std::move(table));
}

std::string document_of(Shape shape, std::size_t number, bool shuffled) {
  return shape == Shape::sessions ? session_message(number, shuffled)
         : shape == Shape::wide   ? wide_document(number, shuffled)
                                  : deep_document(number, shuffled);
}

}  // namespace batchout::bench
