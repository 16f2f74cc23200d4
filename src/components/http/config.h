// What can be set of requests, and how a request is put together from it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "components/http/paging.h"

namespace batchout {

enum class HttpMethod : std::uint8_t { get, post, put, patch, remove, head };
enum class HttpRedirects : std::uint8_t { none, same_origin };

template <>
struct Choices<HttpMethod> {
  static constexpr std::string_view names[] = {"get", "post", "put", "patch", "delete", "head"};
};
template <>
struct Choices<HttpRedirects> {
  static constexpr std::string_view names[] = {"none", "same_origin"};
};

struct HttpConfig {
  std::string url;
  HttpMethod method = HttpMethod::get;
  std::map<std::string, std::string> headers;
  /// Names in braces in path and query of the URL, and what stands there.
  std::map<std::string, std::string> params;
  std::optional<std::string> body;
  std::string username;
  Secret password, bearer_token;
  Duration timeout_sec = std::chrono::seconds{60};
  std::vector<std::int64_t> ignore_status_codes;
  std::int64_t retries = 3;
  Duration max_backoff_sec = std::chrono::seconds{60};
  HttpRedirects redirects = HttpRedirects::same_origin;
  ByteSize body_max{64 << 20};
  std::string proxy, ca_file, client_certificate, client_key;
  bool verify = true;
  std::optional<HttpPaging> paging;

  std::vector<PayloadPath> payload_paths() const { return paging ? paging->paths() : std::vector<PayloadPath>(); }
  static void describe(Spec<HttpConfig>& s);
};

/// `url` with the names in braces replaced by percent-encoded values; braces are doubled where they stand for
/// themselves. Nothing if a name has no value.
std::optional<std::string> filled_url(std::string_view url, const std::map<std::string, std::string>& params);

/// Why `text` cannot be requested, or nothing: it has to be an http or https URL with a host, without user and
/// password.
std::optional<std::string> url_fault(const std::string& text);

/// A URL without query and fragment, which may hold secrets, for messages and as the name of the source.
std::string shown_url(const std::string& text);

/// `url` with a parameter of its query set, and set only once; name and value are percent-encoded.
std::string with_parameter(const std::string& url, const std::string& name, const std::string& value);

/// Where `location` leads from the URL `from`, if that has the same scheme, host and port.
std::optional<std::string> same_origin_target(const std::string& from, const std::string& location);

}  // namespace batchout
