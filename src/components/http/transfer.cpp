// A transfer of libcurl's multi interface: `step` drives it for a while. Redirects, retries and what a status means are
// left to the caller.

#include "components/http/transfer.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace batchout {
namespace {

/// CURL and CURLM are both void to the compiler.
template <auto kFree>
struct FreeBy {
  template <class T>
  void operator()(T* handle) const {
    kFree(handle);
  }
};

void start_library() {
  // Never undone: other parts of the process may use libcurl, too.
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

const char* name_of(HttpMethod method) {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::patch:
      return "PATCH";
    case HttpMethod::remove:
      return "DELETE";
    case HttpMethod::head:
      break;
  }
  return "HEAD";
}

bool is_lasting(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct HttpTransfer::State {
  std::unique_ptr<CURLM, FreeBy<curl_multi_cleanup>> multi;
  std::unique_ptr<CURL, FreeBy<curl_easy_cleanup>> easy;
  std::unique_ptr<curl_slist, FreeBy<curl_slist_free_all>> headers;
  std::size_t body_max = 0;
  char fault[CURL_ERROR_SIZE] = {};
  HttpResponse response;
  bool complete = false;

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    const std::size_t room = state.body_max - state.response.body.size();
    state.response.body.append(bytes, std::min(count, room));
    if (count <= room) return count;
    state.response.too_large = true;
    return 0;  // Ends the transfer.
  }

  void add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
    if (longer == nullptr) return;
    static_cast<void>(headers.release());
    headers.reset(longer);
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy.get(), option, value);
  }

  void set_text(CURLoption option, const std::string& value) {
    if (!value.empty()) set(option, value.c_str());
  }

  void set_up(const HttpConfig& config, const std::string& url, HttpMethod method);
  void set_security(const HttpConfig& config);
  void finish(CURLcode code);
};

void HttpTransfer::State::set_up(const HttpConfig& config, const std::string& url, HttpMethod method) {
  body_max = config.body_max.bytes;
  set(CURLOPT_URL, url.c_str());
  // Dots that come from a value are not to be resolved.
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(config.timeout_sec.value.count()));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(fault));
  set(CURLOPT_WRITEFUNCTION, &State::take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_USERAGENT, "batchout/" BATCHOUT_VERSION);
  set(CURLOPT_ACCEPT_ENCODING, "");
  // Without this the environment (http_proxy) would decide.
  set(CURLOPT_PROXY, config.proxy.c_str());
  if (method == HttpMethod::head)
    set(CURLOPT_NOBODY, 1L);
  else if (method != HttpMethod::get)
    set(CURLOPT_CUSTOMREQUEST, name_of(method));
  // A redirect may have made another method of it, which has no body.
  if (config.body && method == config.method && method != HttpMethod::head) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(config.body->size()));
    set(CURLOPT_POSTFIELDS, config.body->c_str());
    set(CURLOPT_CUSTOMREQUEST, name_of(method));
  }
  for (const auto& [name, value] : config.headers)
    add_header(value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value));
  set_security(config);
  if (headers) set(CURLOPT_HTTPHEADER, headers.get());
}

void HttpTransfer::State::set_security(const HttpConfig& config) {
  if (!config.username.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, config.username.c_str());
    set(CURLOPT_PASSWORD, config.password.reveal().c_str());
  }
  if (!config.bearer_token.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, config.bearer_token.reveal().c_str());
  }
  set_text(CURLOPT_CAINFO, config.ca_file);
  set_text(CURLOPT_SSLCERT, config.client_certificate);
  set_text(CURLOPT_SSLKEY, config.client_key);
  set(CURLOPT_SSL_VERIFYPEER, config.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, config.verify ? 2L : 0L);
}

void HttpTransfer::State::finish(CURLcode code) {
  complete = true;
  const bool cut = code == CURLE_WRITE_ERROR && response.too_large;
  if (code != CURLE_OK && !cut) {
    response.fault = *fault != '\0' ? fault : curl_easy_strerror(code);
    response.lasting = is_lasting(code);
    return;
  }
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &response.status);
  curl_off_t seconds = 0;
  if (curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
    response.retry_after = std::chrono::seconds{std::min<curl_off_t>(seconds, 86'400)};
  curl_header* header = nullptr;
  if (curl_easy_header(easy.get(), "Location", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
    response.location = header->value;
  for (std::size_t i = 0; curl_easy_header(easy.get(), "Link", i, CURLH_HEADER, -1, &header) == CURLHE_OK; ++i)
    response.links.emplace_back(header->value);
}

HttpTransfer::HttpTransfer(const HttpConfig& config, std::string url, HttpMethod method)
    : url_(std::move(url)), state_(std::make_unique<State>()) {
  start_library();
  state_->multi.reset(curl_multi_init());
  state_->easy.reset(curl_easy_init());
  if (!state_->multi || !state_->easy) {
    state_->response.fault = "there is no memory for a request";
    state_->complete = true;
    return;
  }
  state_->set_up(config, url_, method);
  curl_multi_add_handle(state_->multi.get(), state_->easy.get());
}

HttpTransfer::~HttpTransfer() {
  if (state_->multi && state_->easy) curl_multi_remove_handle(state_->multi.get(), state_->easy.get());
}

bool HttpTransfer::step(Time deadline, const std::stop_token& stop) {
  // A stop request is seen this late at most.
  constexpr std::chrono::milliseconds kLook{100};
  while (!state_->complete && !stop.stop_requested()) {
    int running = 0;
    curl_multi_perform(state_->multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(state_->multi.get(), &left))
      if (message->msg == CURLMSG_DONE) state_->finish(message->data.result);
    const Time now = std::chrono::steady_clock::now();
    if (state_->complete || now >= deadline) break;
    const auto wait = deadline - now < kLook ? std::chrono::ceil<std::chrono::milliseconds>(deadline - now) : kLook;
    curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
  }
  return state_->complete;
}

const HttpResponse& HttpTransfer::response() const {
  return state_->response;
}

}  // namespace batchout
