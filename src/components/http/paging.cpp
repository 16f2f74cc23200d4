// A page is told from what came before it only, so any page can be asked for once more.

#include "components/http/paging.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "components/http/config.h"
#include "components/http/transfer.h"

namespace batchout {
namespace {

/// Takes what stands before the first of `ends` that is not in quotes, and that end.
std::string_view taken(std::string_view& text, std::string_view ends) {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size() && (quoted || !ends.contains(text[at])); ++at) {
    if (quoted && text[at] == '\\') ++at;
    if (at < text.size() && text[at] == '"') quoted = !quoted;
  }
  at = std::min(at, text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at);
  return part;
}

/// True for a parameter `rel` that has `next` among its words.
bool is_next(std::string_view parameter) {
  const std::size_t equals = std::min(parameter.find('='), parameter.size());
  if (!equal_ignoring_case(trimmed(parameter.substr(0, equals)), "rel")) return false;
  std::string_view words = trimmed(parameter.substr(std::min(equals + 1, parameter.size())));
  if (words.size() > 1 && words.front() == '"' && words.back() == '"') words = words.substr(1, words.size() - 2);
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    if (equal_ignoring_case(word, "next")) return true;
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return false;
}

int count_of_ways(const HttpPaging& c) {
  return int{c.link} + int{c.next.has_value()} + int{c.cursor.has_value()} + int{c.page.has_value()};
}

}  // namespace

void HttpPaging::describe(Spec<HttpPaging>& s) {
  s.field("link", &HttpPaging::link, "Whether the header Link says where the next page is.")
      .field("next", &HttpPaging::next, "Path to the URL of the next page.")
      .field("cursor", &HttpPaging::cursor, "Path to what asks for the next page when it is given as `param`.")
      .field("param", &HttpPaging::param, "Parameter of the URL that takes the cursor.")
      .field("page", &HttpPaging::page, "Parameter of the URL that takes the number of the page.")
      .field("first", &HttpPaging::first, "Number of the first page.")
      .field("items", &HttpPaging::items, "Path to what a page lists; a page without any is the last.")
      .field("more", &HttpPaging::more, "Path to a value that is false on the last page.")
      .field("extractor", &HttpPaging::extractor, "Extractor that reads the paths; without it they are of JSON.")
      .field("pages_max", &HttpPaging::pages_max, "Most pages of one round.")
      .range(1, 1'000'000)
      .check(
          "", [](const HttpPaging& c) { return count_of_ways(c) == 1; }, "needs one of link, next, cursor, page")
      .check(
          "page", [](const HttpPaging& c) { return !c.page || c.items || c.more; },
          "goes on for ever without items or more, which tell the last page")
      .check(
          "page", [](const HttpPaging& c) { return c.page != std::string(); }, "is empty; name a parameter")
      .check("param", [](const HttpPaging& c) { return !c.param.empty(); }, "is empty; name a parameter");
}

std::vector<PayloadPath> HttpPaging::paths() const {
  std::vector<PayloadPath> paths;
  for (const auto& [key, path] : {std::pair("next", &next), {"cursor", &cursor}, {"items", &items}, {"more", &more}})
    if (*path) paths.push_back({fmt::format("paging.{}", key), extractor, **path});
  return paths;
}

HttpPages::HttpPages(const HttpPaging* paging, const std::vector<std::shared_ptr<const Finder>>& finders)
    : paging_(paging) {
  if (paging_ == nullptr) return;
  const std::vector<PayloadPath> paths = paging_->paths();
  for (std::size_t i = 0; i < std::min(paths.size(), finders.size()); ++i)
    finders_.emplace_back(paths[i].key, finders[i]);
}

void HttpPages::start(const std::string& url) {
  urls_ = {url};
  if (paging_ != nullptr && paging_->page)
    urls_.front() = with_parameter(url, *paging_->page, fmt::format("{}", paging_->first));
  seen_ = {urls_.front()};
}

void HttpPages::go_back(std::size_t page) {
  while (urls_.size() > page + 1) {
    seen_.erase(urls_.back());
    urls_.pop_back();
  }
}

std::expected<std::string, HttpPages::Problem> HttpPages::learn(const std::string& from, const HttpResponse& response) {
  if (paging_ == nullptr) return "";
  auto following = next(from, response);
  if (!following) return std::unexpected(std::move(following).error());
  if (!*following) return "";
  if (seen_.contains(**following))
    return fmt::format("The next page has been read before, so paging ends; {}", shown_url(**following));
  if (std::cmp_greater_equal(urls_.size(), paging_->pages_max))
    return fmt::format("There are more pages than are read; raise `pages_max`: {}", paging_->pages_max);
  seen_.insert(**following);
  urls_.push_back(std::move(**following));
  return "";
}

/// The page after the last one, if there is one.
std::expected<std::optional<std::string>, HttpPages::Problem> HttpPages::next(const std::string& from,
                                                                              const HttpResponse& response) const {
  for (const std::string_view end : {"paging.items", "paging.more"}) {
    const auto values = found(end, response.body);
    if (!values) return std::unexpected(values.error());
    const bool asked = std::ranges::find(finders_, end, [](const auto& f) { return f.first; }) != finders_.end();
    if (asked && (values->empty() || (end == "paging.more" && values->front() == "false"))) return std::nullopt;
  }
  if (paging_->page)
    return with_parameter(urls_.front(), *paging_->page,
                          fmt::format("{}", paging_->first + static_cast<std::int64_t>(urls_.size())));
  if (paging_->link) return target(from, next_link(response.links));
  const auto values = found(paging_->next ? "paging.next" : "paging.cursor", response.body);
  if (!values) return std::unexpected(values.error());
  if (values->empty()) return std::nullopt;
  if (paging_->next) return target(from, values->front());
  return with_parameter(urls_.front(), paging_->param, values->front());
}

std::expected<HttpPages::Texts, HttpPages::Problem> HttpPages::found(std::string_view key,
                                                                     const std::string& body) const {
  const auto finder = std::ranges::find(finders_, key, [](const auto& f) { return std::string_view(f.first); });
  if (finder == finders_.end()) return Texts();
  auto values = finder->second->find(body);
  if (!values) return std::unexpected(Problem{"the next page is not known: " + values.error(), true});
  return std::move(*values);
}

/// Credentials go with every request, so nobody else is asked.
std::expected<std::optional<std::string>, HttpPages::Problem> HttpPages::target(const std::string& from,
                                                                                const std::string& link) const {
  if (link.empty()) return std::nullopt;
  auto target = same_origin_target(from, link);
  if (!target) return std::unexpected(Problem{"the next page is at another origin, where it is not asked for", false});
  return target;
}

std::string next_link(const std::vector<std::string>& headers) {
  for (std::string_view rest : headers) {
    while (!rest.empty()) {
      const std::size_t open = rest.find('<');
      const std::size_t close = open == std::string_view::npos ? open : rest.find('>', open);
      if (close == std::string_view::npos) break;
      const std::string_view target = rest.substr(open + 1, close - open - 1);
      rest.remove_prefix(close + 1);
      bool is_wanted = false;
      do {
        is_wanted = is_next(taken(rest, ";,")) || is_wanted;
        if (!rest.starts_with(';')) break;
        rest.remove_prefix(1);
      } while (true);
      if (is_wanted) return std::string(trimmed(target));
    }
  }
  return {};
}

}  // namespace batchout
