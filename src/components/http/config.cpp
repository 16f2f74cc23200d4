// Settings of the http input, and URLs by libcurl's own parser, so that what is checked is what is requested.

#include "components/http/config.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/braces.h"
#include "base/percent.h"

namespace batchout {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

/// Null if it is none.
Url parsed(const std::string& text) {
  Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return nullptr;
  return url;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_http(const Url& url) {
  const std::string scheme = part(url, CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https";
}

bool is_header(const std::pair<const std::string, std::string>& header) {
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  const auto is_token = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kTokenMarks.contains(c);
  };
  return !header.first.empty() && std::ranges::all_of(header.first, is_token) &&
         header.second.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

bool is_status(std::int64_t code) {
  return code >= 100 && code <= 599;
}

/// True if a part of `text` between slashes would lead elsewhere in a path: `.` or `..`.
bool has_dot_segment(std::string_view text) {
  while (true) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    if (text.substr(0, slash) == "." || text.substr(0, slash) == "..") return true;
    if (slash == text.size()) return false;
    text.remove_prefix(slash + 1);
  }
}

/// What may stand in a path. The slash stays, as in the original, unless the value would lead to another folder then.
std::string_view marks_of_path(std::string_view value) {
  return has_dot_segment(value) ? "-_~" : "-._~/";
}

/// Values come from data; scheme, host and port decide who gets the credentials.
bool names_stay_behind_the_host(const HttpConfig& config) {
  const std::size_t host = config.url.find("://");
  const std::size_t name = config.url.find('{');
  if (name == std::string::npos) return true;
  return host != std::string::npos && config.url.find_first_of("/?#", host + 3) < name;
}

bool needs_values(const HttpConfig& config) {
  return filled_url(config.url, config.params).has_value();
}

}  // namespace

void HttpConfig::describe(Spec<HttpConfig>& s) {
  s.named("input", "http", "Requests a URL; the body of the response is one payload.")
      .field("url", &HttpConfig::url, "What to request; {name} in path and query stands for a parameter.")
      .required()
      .field("method", &HttpConfig::method, "The request's method.")
      .field("headers", &HttpConfig::headers, "Headers of the request.")
      .field("params", &HttpConfig::params, "Parameters of the URL with their values, which are percent-encoded.")
      .field("body", &HttpConfig::body, "Body of the request.")
      .field("username", &HttpConfig::username, "Name for basic authentication.")
      .field("password", &HttpConfig::password, "Password for basic authentication.")
      .field("bearer_token", &HttpConfig::bearer_token, "Token for bearer authentication.")
      .field("timeout_sec", &HttpConfig::timeout_sec, "How long one request may take.")
      .range(0.001, 86'400)
      .field("ignore_status_codes", &HttpConfig::ignore_status_codes,
             "Codes of responses that are no payload and no error.")
      .field("retries", &HttpConfig::retries, "How often a request that failed is sent again before that is an error.")
      .range(0, 100)
      .field("max_backoff_sec", &HttpConfig::max_backoff_sec, "Longest pause between two attempts.")
      .range(0, 86'400)
      .field("redirects", &HttpConfig::redirects, "Whether a redirect to the same scheme, host and port is followed.")
      .field("body_max", &HttpConfig::body_max, "A longer response is a reject.")
      .range(1, 512.0 * 1024 * 1024)
      .field("proxy", &HttpConfig::proxy, "URL of a proxy; without it none is used.")
      .field("ca_file", &HttpConfig::ca_file, "Certificates to trust instead of the system's (PEM).")
      .field("client_certificate", &HttpConfig::client_certificate, "Our certificate (PEM).")
      .field("client_key", &HttpConfig::client_key, "The key to it (PEM).")
      .field("verify", &HttpConfig::verify, "Whether the server's certificate and name are checked.")
      .field("paging", &HttpConfig::paging, "How the next page is asked for; each page is a payload.")
      .check(
          "url", [](const HttpConfig& c) { return !needs_values(c) || !url_fault(*filled_url(c.url, c.params)); },
          "must be an http or https URL with a host; user and password have keys of their own")
      .check("url", names_stay_behind_the_host,
             "has a name in braces before its path; values stand in path and query only")
      .check("url", needs_values, "has a name in braces that params does not give a value")
      .check(
          "headers", [](const HttpConfig& c) { return std::ranges::all_of(c.headers, is_header); },
          "a name consists of letters, digits and hyphens, a value has no line end")
      .check(
          "ignore_status_codes",
          [](const HttpConfig& c) { return std::ranges::all_of(c.ignore_status_codes, is_status); },
          "must be between 100 and 599")
      .check(
          "bearer_token", [](const HttpConfig& c) { return c.bearer_token.empty() || c.username.empty(); },
          "cannot be given together with username");
}

std::optional<std::string> filled_url(std::string_view url, const std::map<std::string, std::string>& params) {
  return fill_braces(url, [&](std::string_view name) -> std::optional<std::string> {
    const auto value = params.find(std::string(name));
    return value == params.end() ? std::nullopt
                                 : std::optional(percent_encoded(value->second, marks_of_path(value->second)));
  });
}

std::optional<std::string> url_fault(const std::string& text) {
  const Url url = parsed(text);
  if (!url) return "it is no URL";
  if (!is_http(url)) return "its scheme is neither http nor https";
  if (part(url, CURLUPART_HOST).empty()) return "it has no host";
  if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty())
    return "it has a user or a password";
  return std::nullopt;
}

std::string shown_url(const std::string& text) {
  const Url url = parsed(text);
  if (!url) return "a URL that is none";
  for (const CURLUPart secret : {CURLUPART_QUERY, CURLUPART_FRAGMENT, CURLUPART_USER, CURLUPART_PASSWORD})
    curl_url_set(url.get(), secret, nullptr, 0);
  return part(url, CURLUPART_URL);
}

std::string with_parameter(const std::string& url, const std::string& name, const std::string& value) {
  const Url parts = parsed(url);
  if (!parts) return url;
  const std::string encoded = percent_encoded(name) + "=";
  std::string query;
  std::string_view rest;
  const std::string before = part(parts, CURLUPART_QUERY);
  for (rest = before; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const bool same = pair.starts_with(encoded) || pair.substr(0, pair.find('=')) == name;
    if (!same) query += (query.empty() ? "" : "&") + std::string(pair);
  }
  query += (query.empty() ? "" : "&") + encoded + percent_encoded(value);
  curl_url_set(parts.get(), CURLUPART_QUERY, query.c_str(), 0);
  return part(parts, CURLUPART_URL);
}

std::optional<std::string> same_origin_target(const std::string& from, const std::string& location) {
  const Url url = parsed(from);
  const Url target = parsed(from);
  if (!url || !target || curl_url_set(target.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK)
    return std::nullopt;
  for (const CURLUPart which : {CURLUPART_SCHEME, CURLUPART_HOST})
    if (part(url, which) != part(target, which)) return std::nullopt;
  if (part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT) != part(target, CURLUPART_PORT, CURLU_DEFAULT_PORT))
    return std::nullopt;
  curl_url_set(target.get(), CURLUPART_FRAGMENT, nullptr, 0);
  return part(target, CURLUPART_URL);
}

}  // namespace batchout
