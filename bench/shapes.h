// The tables that are measured, one per shape of documents: which fields are asked for, and what they are.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/projection.h"

namespace batchout::bench {

enum class Shape { sessions, wide, deep };
inline constexpr Shape kShapes[] = {Shape::sessions, Shape::wide, Shape::deep};

std::string_view name_of(Shape shape);
std::optional<Shape> shape_named(std::string_view name);

/// Columns stand in the order in which their fields come in unshuffled documents.
Projection projection_of(Shape shape);
std::shared_ptr<const TableShape> table_of(const Projection& projection);

/// Document number `number`, without a line end.
std::string document_of(Shape shape, std::size_t number, bool shuffled);

}  // namespace batchout::bench
