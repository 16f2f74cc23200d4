// One function a shape, as straight as it can be written.

#include "yardstick.h"

#include <simdjson.h>

#include <cstring>

#include "base/calendar.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace batchout::bench {
namespace {

using Value = simdjson::ondemand::value;
using Object = simdjson::ondemand::object;

// The bytes of a text between its quotes; readable beyond by the padding of the arena.
std::string_view raw(Value& value) {
  std::string_view token = value.raw_json_token();
  token.remove_prefix(1);
  while (token.back() != '"') token.remove_suffix(1);
  return token.substr(0, token.size() - 1);
}

// Copies in steps of 32 bytes; true if a backslash is among the bytes of the text.
bool copy_raw(char* to, std::string_view text) {
#ifdef __AVX2__
  std::uint32_t escapes = 0;
  for (std::size_t at = 0; at < text.size(); at += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at), bytes);
    escapes |= static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'))));
  }
  return escapes != 0 && text.contains('\\');
#else
  std::memcpy(to, text.data(), text.size());
  return text.contains('\\');
#endif
}

void put_text(Value value, Column& column) {
  const std::string_view text = raw(value);
  if (copy_raw(column.text_room(text.size() + 32), text))
    column.append_text(Tag::text, value.get_string().value());
  else
    column.commit_text(Tag::text, text.size());
}

// Two digits at a time, unchecked.
void put_time(Value value, Column& column) {
  const std::string_view text = raw(value);
  if (text.size() != 19) return column.append_null();
  const auto pair = [at = text.data()](std::size_t i) { return (at[i] - '0') * 10 + (at[i + 1] - '0'); };
  const std::int64_t day = day_of({pair(0) * 100 + pair(2), pair(5), pair(8)});
  column.append_datetime(day * kDay + pair(11) * kHour + pair(14) * kMinute + pair(17) * kSecond);
}

void put_integer(Value value, Column& column) {
  column.append_integer(value.get_int64().value());
}

void put_real(Value value, Column& column) {
  column.append_real(value.get_double().value());
}

// A text, or null.
void put_text_or_null(Value value, Column& column) {
  if (value.is_null()) return column.append_null();
  put_text(value, column);
}

// How a field is asked for.
struct InOrder {
  static Value field(Object& object, std::string_view key) { return object.find_field(key); }
};
struct AnyOrder {
  static Value field(Object& object, std::string_view key) { return object.find_field_unordered(key); }
};

// Entries of the levels below the payload, as far as read; a parent's end is the next one's begin.
struct Levels {
  Buffer<std::uint32_t> ends[2];
  std::uint32_t count[2] = {0, 0};

  void clear() {
    for (auto& buffer : ends) buffer.clear();
    count[0] = count[1] = 0;
  }
  void end(std::size_t level) {
    *ends[level].room(1) = count[level];
    ends[level].advance(1);
  }
};

template <class How>
struct Sessions {
  static constexpr std::size_t kColumns = 5;

  static void read(Object& root, Column* columns, Levels& levels) {
    Object user = How::field(root, "user").get_object();
    put_text(How::field(user, "id"), columns[0]);
    put_time(How::field(user, "last_seen"), columns[1]);
    for (auto element : How::field(root, "sessions").get_array()) {
      Object session = element.get_object();
      put_text(How::field(session, "id"), columns[2]);
      put_time(How::field(session, "created_at"), columns[3]);
      Object device = How::field(session, "device").get_object();
      put_text(How::field(device, "useragent"), columns[4]);
      ++levels.count[0];
    }
    levels.end(0);
  }
  static std::size_t rows(const Levels& levels, std::size_t) { return levels.count[0]; }
};

template <class How>
struct Wide {
  static constexpr std::size_t kColumns = 8;

  static void read(Object& root, Column* columns, Levels&) {
    put_text(How::field(root, "name_0"), columns[0]);
    put_integer(How::field(root, "count_6"), columns[1]);
    put_real(How::field(root, "amount_13"), columns[2]);
    put_time(How::field(root, "changed_at_24"), columns[3]);
    columns[4].append_boolean(How::field(root, "is_flag_35").get_bool().value());
    put_text_or_null(How::field(root, "note_47"), columns[5]);
    put_integer(How::field(root, "count_56"), columns[6]);
    put_text(How::field(root, "code_59"), columns[7]);
  }
  static std::size_t rows(const Levels&, std::size_t documents) { return documents; }
};

template <class How>
struct Deep {
  static constexpr std::size_t kColumns = 9;

  static void read(Object& root, Column* columns, Levels& levels) {
    put_integer(How::field(root, "order"), columns[0]);
    Object customer = How::field(root, "customer").get_object();
    put_text(How::field(customer, "id"), columns[1]);
    put_time(How::field(root, "placed_at"), columns[2]);
    for (auto element : How::field(root, "shipments").get_array()) {
      Object shipment = element.get_object();
      put_text(How::field(shipment, "id"), columns[3]);
      put_time(How::field(shipment, "sent_at"), columns[4]);
      put_real(How::field(shipment, "weight"), columns[5]);
      for (auto inner : How::field(shipment, "lines").get_array()) {
        Object line = inner.get_object();
        put_text(How::field(line, "sku"), columns[6]);
        put_integer(How::field(line, "quantity"), columns[7]);
        put_real(How::field(line, "price"), columns[8]);
        ++levels.count[1];
      }
      levels.end(1);
      ++levels.count[0];
    }
    levels.end(0);
  }
  static std::size_t rows(const Levels& levels, std::size_t) { return levels.count[1]; }
};

simdjson::padded_string_view padded(std::string_view document) {
  return simdjson::padded_string_view(document.data(), document.size(), document.size() + Payloads::kPadding);
}

template <class Fields>
class ByHand final : public Reader {
 public:
  ByHand() { values_.columns.resize(Fields::kColumns); }

  Found read(const Payloads& payloads) override {
    for (Column& column : values_.columns) column.clear();
    levels_.clear();
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      auto document = parser_.iterate(padded(payloads.bytes(payload)));
      Object root = document.get_object();
      Fields::read(root, values_.columns.data(), levels_);
    }
    return found_in(values_, Fields::rows(levels_, payloads.count()));
  }

 private:
  simdjson::ondemand::parser parser_;
  Values values_;
  Levels levels_;
};

class TreeOnly final : public Reader {
 public:
  Found read(const Payloads& payloads) override {
    Found found;
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const std::string_view document = payloads.bytes(payload);
      if (parser_.parse(document.data(), document.size(), false).error() == simdjson::SUCCESS) ++found.rows;
    }
    return found;
  }

 private:
  simdjson::dom::parser parser_;
};

template <class How>
std::unique_ptr<Reader> reader_of(Shape shape) {
  if (shape == Shape::sessions) return std::make_unique<ByHand<Sessions<How>>>();
  if (shape == Shape::wide) return std::make_unique<ByHand<Wide<How>>>();
  return std::make_unique<ByHand<Deep<How>>>();
}

}  // namespace

std::unique_ptr<Reader> by_hand(Shape shape, bool any_order) {
  return any_order ? reader_of<AnyOrder>(shape) : reader_of<InOrder>(shape);
}

std::unique_ptr<Reader> tree_only() {
  return std::make_unique<TreeOnly>();
}

}  // namespace batchout::bench
