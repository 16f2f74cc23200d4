// One request and its response, a step at a time, so that whoever waits can look after other things meanwhile.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "components/http/config.h"

namespace batchout {

struct HttpResponse {
  /// 0: none came, `fault` says why.
  long status = 0;
  std::string body;
  /// The body is longer than it may be, and was not read to its end.
  bool too_large = false;
  std::string location;
  /// Values of the header Link.
  std::vector<std::string> links;
  std::optional<std::chrono::seconds> retry_after;
  std::string fault;
  /// The fault does not pass by itself: certificates, names in URLs, protocols.
  bool lasting = false;
};

class HttpTransfer {
 public:
  /// `config` must outlive the transfer. Begins with the first `step`.
  HttpTransfer(const HttpConfig& config, std::string url, HttpMethod method);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  /// Goes on until the response is complete, the deadline or a stop request. True: complete.
  bool step(Time deadline, const std::stop_token& stop);

  const HttpResponse& response() const;
  const std::string& url() const { return url_; }

 private:
  struct State;
  std::string url_;
  std::unique_ptr<State> state_;
};

}  // namespace batchout
