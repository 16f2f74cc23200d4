// Payloads that are the elements at one path of an XML document, each between the tags of the elements around it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/file/splitter.h"
#include "components/file/xml_content.h"
#include "components/file/xml_frame.h"
#include "components/file/xml_tokens.h"

namespace batchout::file {

/// The names of a path such as /orders/order, prefixes as they are written, `*` for any name; nothing if it is another
/// kind of path.
std::optional<std::vector<std::string>> element_names(std::string_view path);

/// Counts tags inside of records; outside of them compares names, and looks at what stands between. Whether a record is
/// well-formed is for whoever reads it to say.
class XmlSplitter final : public Splitter {
 public:
  /// Frames of records that make more than so many times of the document are refused.
  static constexpr std::int64_t kAmplificationMax = 100;
  /// Bytes of frames that are always good.
  static constexpr std::int64_t kAmplificationFrom = std::int64_t{16} << 20;

  /// `names` of the path, at least one.
  explicit XmlSplitter(std::vector<std::string> names) : names_(std::move(names)) {}

  /// Always from the beginning of the document: what is around a record stands there.
  std::int64_t restart(std::int64_t position) override;
  Found find(const Window& window) override;

  std::string_view before() const override { return frame_.before(); }
  std::string_view after() const override { return frame_.after(); }

 private:
  using Kind = XmlToken::Kind;

  bool start(const Window& window);
  bool outside() const { return !skipping_ && frame_.depth() == 0; }
  Found pass_element(const Window& window);
  Found pass_in_element(const XmlToken& token);
  Found take(const XmlToken& token, const Window& window);
  Found take_instruction(const XmlToken& token);
  Found take_declaration(const XmlToken& token, const Window& window);
  Found take_doctype(const XmlToken& token, const Window& window);
  Found take_start(const XmlToken& token, const Window& window);
  Found take_end(const XmlToken& token, const Window& window);
  Found open(const XmlToken& token, std::string_view tag);
  Found record_ended(std::int64_t end);
  bool keeps_record() const;
  bool keeps_token() const;
  Found missing(const Window& window);
  Found wait(const Window& window);
  Found ended(const Window& window);

  std::vector<std::string> names_;
  XmlTokens tokens_;
  XmlFrame frame_;
  /// Of all that is not in records.
  XmlContent content_;
  /// Records before it are not wanted.
  std::int64_t from_ = 0;
  /// Bytes of frames, of all records so far.
  std::int64_t frames_size_ = 0;
  std::int64_t element_begin_ = 0;
  /// Behind the byte order mark.
  std::int64_t begin_of_text_ = 0;
  /// Elements open in the one that is passed.
  std::size_t depth_ = 0;
  /// The token at hand is not before from_: what is there was read by another run, or is passed over on purpose.
  bool checks_ = false;
  /// The byte order mark has been looked for.
  bool started_ = false;
  /// An element is passed as a whole: a record, or one in which no record is.
  bool skipping_ = false;
  /// It is a record.
  bool is_record_ = false;
  bool any_token_ = false;
  bool root_seen_ = false;
};

}  // namespace batchout::file
