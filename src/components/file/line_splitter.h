// Payloads that are lines of a text.

#pragma once

#include "components/file/splitter.h"

namespace batchout::file {

/// Lines end with LF or CRLF, which is no part of the payload; the last one may lack it. Lines of nothing but blanks
/// are passed over, and so is a byte order mark.
class LineSplitter final : public Splitter {
 public:
  std::int64_t restart(std::int64_t position) override;
  Found find(const Window& window) override;

 private:
  void look_for_text(const Window& window, std::int64_t end);
  Found found_line(const Window& window, std::int64_t end, std::int64_t next);

  /// The byte order mark has been looked for.
  bool started_ = false;
  /// Nothing but blanks has been seen of the line.
  bool blank_ = true;
};

}  // namespace batchout::file
