// Which columns a query has, and what they are.

#include "components/postgres/json_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "data/render.h"

namespace batchout::postgres {
namespace {

// Object identifiers of built-in types never change.
JsonForm form_of(Oid type) {
  switch (type) {
    case 16:
      return JsonForm::boolean;
    case 20:  // int8, int2, int4, oid
    case 21:
    case 23:
    case 26:
      return JsonForm::integer;
    case 700:  // float4, float8
    case 701:
      return JsonForm::real;
    case 114:  // json, jsonb
    case 3802:
      return JsonForm::json;
    case 1083:  // time, timestamp, timestamptz, timetz
    case 1114:
    case 1184:
    case 1266:
      return JsonForm::time;
    case 1186:
      return JsonForm::interval;
    default:
      return JsonForm::text;
  }
}

// Types of which nothing has to be asked: bytea, name, text, bpchar, varchar, date, numeric, uuid.
bool is_known(Oid type) {
  constexpr Oid kTexts[] = {17, 19, 25, 1042, 1043, 1082, 1700, 2950};
  return form_of(type) != JsonForm::text || std::ranges::find(kTexts, type) != std::end(kTexts);
}

struct Element {
  JsonForm form = JsonForm::text;
  char delimiter = ',';
};

// Of the types that are arrays.
Result<std::map<Oid, Element>> elements_of(const std::vector<Oid>& types, Connection& connection) {
  constexpr const char* kElements = R"(
SELECT t.oid, CASE e.typtype WHEN 'd' THEN e.typbasetype ELSE e.oid END, e.typdelim
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type e ON e.oid = t.typelem
WHERE t.typcategory = 'A' AND t.oid = ANY ($1::pg_catalog.oid[]))";
  std::map<Oid, Element> elements;
  if (types.empty()) return elements;
  const std::string list[] = {fmt::format("{{{}}}", fmt::join(types, ","))};
  BATCHOUT_TRY(const Rows found, connection.query("Reading the types of the query", kElements, list));
  const auto number = [](std::string_view digits) {
    Oid value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  for (std::size_t i = 0; i < found.size(); ++i)
    elements[number(found.at(i, 0))] = {form_of(number(found.at(i, 1))), found.at(i, 2).front()};
  return elements;
}

}  // namespace

Result<JsonRow> JsonRow::of(const PGresult* rows, Connection& connection) {
  const int count = PQnfields(rows);
  std::vector<Oid> unknown;
  for (int i = 0; i < count; ++i)
    if (const Oid type = PQftype(rows, i); !is_known(type)) unknown.push_back(type);
  BATCHOUT_TRY(const auto elements, elements_of(unknown, connection));
  JsonRow row;
  for (int i = 0; i < count; ++i) {
    Column column;
    append_json_string(PQfname(rows, i), column.key);
    column.key += ':';
    column.number = i;
    column.form = form_of(PQftype(rows, i));
    if (const auto element = elements.find(PQftype(rows, i)); element != elements.end()) {
      column.array = true;
      column.form = element->second.form;
      column.delimiter = element->second.delimiter;
    }
    const auto same = std::ranges::find(row.columns_, column.key, &Column::key);
    if (same != row.columns_.end())
      *same = std::move(column);
    else
      row.columns_.push_back(std::move(column));
  }
  return row;
}

void JsonRow::append(const PGresult* rows, int row, std::string& out) const {
  out += '{';
  for (const Column& column : columns_) {
    if (&column != &columns_.front()) out += ',';
    out += column.key;
    if (PQgetisnull(rows, row, column.number) != 0) {
      out += "null";
      continue;
    }
    const std::string_view text(PQgetvalue(rows, row, column.number),
                                static_cast<std::size_t>(PQgetlength(rows, row, column.number)));
    if (column.array)
      append_array(column.form, column.delimiter, text, out);
    else
      append_as(column.form, text, out);
  }
  out += '}';
}

}  // namespace batchout::postgres
