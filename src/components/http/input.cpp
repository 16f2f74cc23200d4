// One request in a round, whose response is the only payload; or pages, each of which is one. A request that fails for
// reasons that may pass is sent again after a pause, and reported only when that has not helped.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/wait.h"
#include "components/http/config.h"
#include "components/http/status.h"
#include "components/http/transfer.h"
#include "data/payload_fault.h"
#include "registry/payload_limit.h"

namespace batchout {
namespace {

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

class HttpInput final : public Input, public PayloadLimit {
 public:
  HttpInput(HttpConfig config, const Context& context)
      : config_(std::move(config)),
        url_(*filled_url(config_.url, config_.params)),
        dialect_(context.dialect),
        log_(context.log),
        pages_(config_.paging ? &*config_.paging : nullptr, context.finders) {}

  void limit_payloads(std::size_t bytes) override {
    config_.body_max = std::min<std::size_t>(config_.body_max.bytes, bytes);
  }

  InputTraits traits() const override { return {}; }

  Result<> start_round() override {
    begin();
    pages_.start(url_);
    page_ = 0;
    stage_ = Stage::unannounced;
    return {};
  }

  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    if (stage_ == Stage::unannounced) {
      stage_ = Stage::announced;
      return Assigned{{Unit{kUnit, "http:" + shown_url(url_), "0"}}};
    }
    if (stage_ == Stage::done) return End{};
    if (paused_ || stage_ == Stage::announced || budget.payloads == 0) {
      wait_until(deadline, stop);
      return Idle{};
    }
    return request(deadline, stop);
  }

  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    stage_ = Stage::reading;
    return std::vector<Position>(positions.size(), Position{kUnit, 0, {}});
  }

  void release(std::span<const UnitId> units) override {
    if (!units.empty()) stage_ = Stage::done;
  }

  /// The answers may be others by now, and nobody has stored those from before; so what is behind them is forgotten.
  Result<> seek(std::span<const Position> positions) override {
    if (positions.empty()) return {};
    const auto page = static_cast<std::size_t>(std::max<std::int64_t>(positions.front().number, 0));
    if (page == page_ && !transfer_) return {};
    begin();
    page_ = page;
    stage_ = page < pages_.count() ? Stage::reading : Stage::done;
    if (page < pages_.count()) pages_.go_back(page);
    return {};
  }

  void pause(bool on) override { paused_ = on; }
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  enum class Stage : std::uint8_t { unannounced, announced, reading, done };
  static constexpr UnitId kUnit{0};
  static constexpr int kRedirectsMax = 5;

  void begin() {
    transfer_.reset();
    attempts_ = 0;
    redirects_ = 0;
    not_before_ = {};
  }

  void send(std::string url, HttpMethod method) {
    transfer_ = std::make_unique<HttpTransfer>(config_, std::move(url), method);
    method_ = method;
  }

  Result<Event> request(Time deadline, const std::stop_token& stop) {
    if (const Time now = std::chrono::steady_clock::now(); now < not_before_) {
      wait_until(std::min(deadline, not_before_), stop);
      return Idle{};
    }
    if (!transfer_) send(pages_.url(page_), config_.method);
    for (;;) {
      // Idle is no failure, so once the engine counts how long this has been failing, it gets whole answers only.
      if (!transfer_->step(failing_ ? Time::max() : deadline, stop)) return Idle{};
      const HttpResponse& response = transfer_->response();
      const auto& ignored = config_.ignore_status_codes;
      if (std::ranges::find(ignored, response.status) != ignored.end()) {
        stage_ = Stage::done;
        return End{};
      }
      if (!is_redirect(response.status) || config_.redirects == HttpRedirects::none)
        return response.status < 200 || response.status >= 400 ? failed(response) : page(response);
      BATCHOUT_CHECK(follow(response));
    }
  }

  /// The page is taken once it is known what comes after it: one that cannot be read is no page, and is asked for
  /// again.
  Result<Event> page(const HttpResponse& response) {
    if (config_.paging && response.too_large)
      return error(Verdict::configuration, "BO563",
                   "A page is too large, so the next one is not known; raise `body_max` or ask for smaller pages");
    const auto learned = pages_.learn(transfer_->url(), response);
    if (!learned && learned.error().passes) return failed(response, learned.error().message);
    if (!learned) return error(Verdict::configuration, "BO563", "Paging cannot go on: " + learned.error().message);
    if (!learned->empty()) log_.warning(*learned);
    return payload(response);
  }

  /// `fault`: why the response makes no rows.
  Event payload(const HttpResponse& response, std::string_view fault = {}) {
    Payloads payloads;
    const auto state = !fault.empty()       ? Payloads::State::broken
                       : response.too_large ? Payloads::State::too_large
                                            : Payloads::State::usable;
    const auto position = static_cast<std::int64_t>(page_);
    payloads.append(response.body, kUnit, position, position + 1, state, fault);
    payloads.note(MetaField::status, std::int64_t{response.status});
    ++page_;
    if (page_ == pages_.count() || !fault.empty()) stage_ = Stage::done;
    failing_ = false;
    begin();
    return payloads;
  }

  /// The method stays but for 303, and for 301 and 302 after a POST, as every client does it.
  Result<> follow(const HttpResponse& response) {
    const auto target = same_origin_target(transfer_->url(), response.location);
    if (!target || ++redirects_ > kRedirectsMax)
      return error(Verdict::configuration, "BO562",
                   target ? fmt::format("The server redirects more than {} times", kRedirectsMax)
                          : "The server redirects to another origin, which is not followed");
    const bool becomes_get = method_ != HttpMethod::head &&
                             (response.status == 303 || (response.status <= 302 && method_ == HttpMethod::post));
    send(*target, becomes_get ? HttpMethod::get : method_);
    return {};
  }

  /// With parameters the request comes from data: what the server refuses then is one bad value among others.
  Result<Event> failed(const HttpResponse& response) {
    if (response.status == 0) return failed(response, response.fault, !response.lasting);
    const std::string what = fmt::format("the status is {}", response.status);
    const Verdict verdict = verdict_of_status(response.status);
    if (dialect_ == Dialect::v1 && !config_.params.empty() && verdict == Verdict::row)
      return payload(response, coded_fault("BO420", what));
    return failed(response, what, verdict == Verdict::environment);
  }

  /// `passes`: the same request may be answered later.
  Result<Event> failed(const HttpResponse& response, const std::string& what, bool passes = true) {
    if (passes && !failing_ && attempts_ < config_.retries) {
      ++attempts_;
      const auto pause = pause_after(response);
      log_.warning(fmt::format("The request failed and is sent again in {} s: {}; attempt {} of {}",
                               std::chrono::duration<double>(pause).count(), what, attempts_, config_.retries + 1));
      not_before_ = std::chrono::steady_clock::now() + pause;
      transfer_.reset();
      redirects_ = 0;
      return Idle{};
    }
    std::string message = fmt::format("The request failed: {}; {}", what, shown_url(transfer_->url()));
    if (response.status != 0 && !response.body.empty()) message += fmt::format("; {}", beginning(response.body));
    begin();
    failing_ = true;
    return error(passes ? Verdict::environment : Verdict::configuration, passes ? "BO560" : "BO561",
                 std::move(message));
  }

  std::chrono::milliseconds pause_after(const HttpResponse& response) const {
    const std::chrono::milliseconds longest = config_.max_backoff_sec.value;
    std::chrono::milliseconds pause = std::chrono::seconds{attempts_ * attempts_};
    if (response.retry_after) pause = std::max<std::chrono::milliseconds>(pause, *response.retry_after);
    return std::min(pause, longest);
  }

  /// What the server says, as far as it can be shown in a line.
  static std::string beginning(const std::string& body) {
    constexpr std::size_t kShownMax = 200;
    std::string shown = body.substr(0, kShownMax);
    std::ranges::replace_if(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E; },
        ' ');
    return shown;
  }

  static std::unexpected<Error> error(Verdict verdict, std::string_view code, std::string message) {
    return fail(verdict, code, std::move(message));
  }

  HttpConfig config_;
  std::string url_;
  Dialect dialect_;
  Log log_;
  bool paused_ = false;
  Stage stage_ = Stage::unannounced;
  std::unique_ptr<HttpTransfer> transfer_;
  HttpMethod method_ = HttpMethod::get;
  HttpPages pages_;
  /// The one that is read next.
  std::size_t page_ = 0;
  /// Repetitions so far.
  std::int64_t attempts_ = 0;
  int redirects_ = 0;
  Time not_before_{};
  /// The last request came to nothing, repetitions included: from now on the engine repeats.
  bool failing_ = false;
};

}  // namespace

void add_http(Registry& registry) {
  registry.input<HttpConfig, HttpInput>();
  add_payload_paths<HttpConfig>(registry);
}

}  // namespace batchout
