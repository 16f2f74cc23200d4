// What finds the payloads in a stream of bytes, of which only a window is in memory.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace batchout::file {

/// The bytes of a stream that are in memory. Positions count from the beginning of the stream.
struct Window {
  std::string_view bytes;
  /// Of the first byte.
  std::int64_t position = 0;
  /// The stream ends behind these bytes.
  bool last = false;

  std::int64_t end() const { return position + static_cast<std::int64_t>(bytes.size()); }
  const char* at(std::int64_t where) const { return bytes.data() + (where - position); }
  std::int64_t position_of(const char* where) const { return position + (where - bytes.data()); }
  /// The bytes from `begin` to `end`, as far as they are in memory.
  std::string_view between(std::int64_t begin, std::int64_t end) const {
    return {at(begin), static_cast<std::size_t>(end - begin)};
  }
};

/// Looks forward only. A window may begin later than the one before, but not behind begin(), nor behind seen() where
/// the payload that has begun is passed over because it is too large.
class Splitter {
 public:
  enum class Found : std::uint8_t {
    /// More bytes are needed; or, of the last window, nothing is left.
    nothing,
    /// From begin() to end().
    payload,
    /// From begin() on the stream cannot be cut; fault() says why. Nothing is asked after that.
    broken,
  };

  virtual ~Splitter() = default;

  /// Begins anew, so that the payloads found are those from `position` on: 0, or next() of some payload. Returns from
  /// where on the stream is to be shown.
  virtual std::int64_t restart(std::int64_t position) = 0;

  /// Looks for the next payload, behind the one found before.
  virtual Found find(const Window& window) = 0;

  /// Of the payload found or begun; without one, the first byte that is still needed.
  std::int64_t begin() const { return begin_; }
  std::int64_t end() const { return end_; }
  /// Where reading goes on behind the payload found.
  std::int64_t next() const { return next_; }
  /// What is before has been looked at.
  std::int64_t seen() const { return seen_; }
  /// A payload has begun at begin() and has not ended yet.
  bool inside() const { return inside_; }
  const std::string& fault() const { return fault_; }

  /// What a payload is handed over between.
  virtual std::string_view before() const { return {}; }
  virtual std::string_view after() const { return {}; }

 protected:
  Found found_payload(std::int64_t end, std::int64_t next) {
    end_ = end;
    next_ = next;
    inside_ = false;
    return Found::payload;
  }
  Found found_broken(std::int64_t at, std::string fault) {
    begin_ = at;
    inside_ = false;
    fault_ = std::move(fault);
    return Found::broken;
  }
  void start_at(std::int64_t position) {
    begin_ = end_ = next_ = seen_ = position;
    inside_ = false;
    fault_.clear();
  }

  std::int64_t begin_ = 0;
  std::int64_t end_ = 0;
  std::int64_t next_ = 0;
  std::int64_t seen_ = 0;
  bool inside_ = false;

 private:
  std::string fault_;
};

}  // namespace batchout::file
