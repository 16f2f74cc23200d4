// Where the page after a page is: by a link, a cursor or a number.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "batchout/spec.h"
#include "data/finder.h"
#include "registry/registry.h"

namespace batchout {

struct HttpResponse;

/// Of `link`, `next`, `cursor` and `page` one is given.
struct HttpPaging {
  bool link = false;
  std::optional<std::string> next, cursor, page;
  std::string param = "cursor";
  std::int64_t first = 1;
  std::optional<std::string> items, more;
  std::string extractor;
  std::int64_t pages_max = 10'000;

  static void describe(Spec<HttpPaging>& s);
  /// The paths into a page, by their keys.
  std::vector<PayloadPath> paths() const;
};

/// Knows the pages of a round; each has a number, from 0.
class HttpPages {
 public:
  /// `paging` must outlive the object; null: there is one page. `finders`: of its paths.
  HttpPages(const HttpPaging* paging, const std::vector<std::shared_ptr<const Finder>>& finders);

  /// Begins with the page at `url`.
  void start(const std::string& url);

  const std::string& url(std::size_t page) const { return urls_[page]; }
  /// Pages that are known of. The last one has not been read, or was the last.
  std::size_t count() const { return urls_.size(); }

  /// Why it is not known what comes after a page.
  struct Problem {
    std::string message;
    /// The page is no page; another answer may be.
    bool passes = false;
  };
  /// Learns from the answer to the last page whether there is another one. `from` is where it came from, redirects
  /// included. A sentence says why pages that may be there are left out; it is empty otherwise.
  std::expected<std::string, Problem> learn(const std::string& from, const HttpResponse& response);

  /// Forgets what comes behind a page.
  void go_back(std::size_t page);

 private:
  using Texts = std::vector<std::string>;

  std::expected<Texts, Problem> found(std::string_view key, const std::string& body) const;
  std::expected<std::optional<std::string>, Problem> next(const std::string& from, const HttpResponse& response) const;
  std::expected<std::optional<std::string>, Problem> target(const std::string& from, const std::string& link) const;

  const HttpPaging* paging_;
  /// By key.
  std::vector<std::pair<std::string, std::shared_ptr<const Finder>>> finders_;
  std::vector<std::string> urls_;
  std::unordered_set<std::string> seen_;
};

/// The target of `rel=next` in values of the header Link (RFC 8288); empty if there is none.
std::string next_link(const std::vector<std::string>& headers);

}  // namespace batchout
