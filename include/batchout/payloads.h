// Payloads on their way from an input to an extractor, and the positions they came from.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace batchout {

/// Number of a unit within one input, given by that input when it first reports the unit; never reused for another one.
enum class UnitId : std::uint32_t {};

/// The smallest part of a source with its own position: a Kafka partition, a file, a cursor.
struct Unit {
  UnitId id{};
  std::string source;  ///< Names the system and the thing in it, for example "kafka:auth.sessions".
  std::string name;    ///< The unit within the source, for example "0"; with `source` unique in a pipeline.
};

/// Where reading of a unit goes on. `number` orders positions of one unit (a Kafka offset, a byte offset); `token` is
/// whatever else the input needs to find the place again (opaque to the engine, at most 4 KiB).
struct Position {
  static constexpr std::int64_t kUnset = -1;  ///< "The input decides where to start."

  UnitId unit{};
  std::int64_t number = kUnset;
  std::string token;
};

/// What an input may know of a payload beside its bytes, its metadata: texts (topic, file), numbers (partition, offset,
/// the status of a response, a timestamp in milliseconds since 1970-01-01T00:00:00 UTC), and bytes that need not be
/// text (key, header). Headers have names; of several with one name the last one counts.
enum class MetaField : std::uint8_t { topic, partition, offset, timestamp, key, header, file, status };

/// Unknown, null, a number or bytes.
using MetaValue = std::variant<std::monostate, std::nullptr_t, std::int64_t, std::string_view>;

/// Many payloads in one padded arena, and what is known of them.
///
/// Every payload is followed by kSeparator, and the last one by at least kPadding readable bytes, so that parsers read
/// in place: the 0x01 in the separator is a byte that no JSON grammar accepts, which keeps a truncated document from
/// running into its neighbour. Move-only; views stay valid until the object is destroyed, cleared or appended to.
class Payloads {
 public:
  static constexpr std::size_t kPadding = 64;
  static constexpr std::string_view kSeparator{"\n\x01\n", 3};
  static constexpr std::size_t kArenaSize = 256 * 1024;  ///< Bytes; a larger payload has an arena of its own.

  enum class State : std::uint8_t {
    usable,
    missing,    ///< The source had an entry without a value (a Kafka tombstone).
    too_large,  ///< Longer than the limit; the view holds its first bytes only.
    broken,     ///< From here on the unit cannot be cut into payloads; `fault` says why, the view as above.
  };

  struct Entry {
    std::size_t offset = 0;     ///< Of the first byte in the arena.
    std::size_t size = 0;       ///< Bytes.
    std::int64_t position = 0;  ///< Of the payload in its unit.
    std::int64_t next = 0;      ///< Position after the payload: what is stored once its rows are.
    UnitId unit{};
    State state = State::usable;
  };

  Payloads();
  Payloads(Payloads&&) noexcept;
  Payloads& operator=(Payloads&&) noexcept;
  ~Payloads();

  /// True if `size` more bytes fit without growing, or if the arena is empty (a payload may be larger than an arena).
  bool fits(std::size_t size) const;

  /// Copies `bytes` in as the next payload of `unit`. `fault`: what is wrong, of a broken one.
  void append(std::string_view bytes, UnitId unit, std::int64_t position, std::int64_t next,
              State state = State::usable, std::string_view fault = {});
  /// Copies a payload of others, with all that is known of it.
  void append(const Payloads& others, std::size_t payload);

  /// Notes metadata of the payload appended last, once per field or named header; bytes are copied.
  void note(MetaField field, const MetaValue& value, std::string_view header = {});
  /// The same for all payloads of a unit, once per field. An offset says where the unit's position 0 is.
  void note_of(UnitId unit, MetaField field, const MetaValue& value);
  bool has_notes_of(UnitId unit) const;
  /// What was noted of a payload, else of its unit. Views are as long-lived as those of `bytes`.
  MetaValue metadata(std::size_t payload, MetaField field, std::string_view header = {}) const;
  /// Names of the headers that were noted of a payload, each once, in ascending order. Views as above.
  std::vector<std::string_view> headers(std::size_t payload) const;
  std::size_t metadata_bytes() const;

  /// Sets the token of the position behind the last payload of a unit. Without one the unit keeps the token it has.
  void set_token(UnitId unit, std::string_view token);
  const std::vector<std::pair<UnitId, std::string>>& tokens() const { return tokens_; }

  std::size_t count() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  const Entry& entry(std::size_t payload) const { return entries_[payload]; }
  std::string_view bytes(std::size_t payload) const {
    return {arena_.get() + entries_[payload].offset, entries_[payload].size};
  }
  /// What is wrong with a broken payload, for people; empty for all others.
  std::string_view fault(std::size_t payload) const;

  /// Everything from the first payload to the separator after the last one.
  std::string_view arena() const { return {arena_.get(), size_}; }

  /// Forgets the payloads and keeps the memory.
  void clear();

 private:
  struct Notes;
  void grow(std::size_t needed);
  Notes& notes();

  std::unique_ptr<char[]> arena_;
  std::size_t size_ = 0, capacity_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::pair<std::size_t, std::string>> faults_;  // Of few payloads, by their numbers.
  std::unique_ptr<Notes> notes_;                             // None: nothing has been noted.
  std::vector<std::pair<UnitId, std::string>> tokens_;
};

/// One payload, row or value that was refused. Rejects are counted always and kept by the dead-letter policy.
struct Reject {
  enum class Stage : std::uint8_t { read, extract, cast, select, write };

  Stage stage = Stage::extract;
  std::string code;     ///< "BO4" and two digits.
  std::string message;  ///< One sentence, runtime values at its end.
  std::string column;   ///< Empty if it concerns the whole payload or row.
  std::string excerpt;  ///< At most 256 bytes of what was refused.
  UnitId unit{};
  std::int64_t position = 0;  ///< Of the payload in its unit.
};

using Rejects = std::vector<Reject>;

}  // namespace batchout
