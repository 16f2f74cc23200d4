// Documents for measuring, of three shapes: sessions (a list in an object), wide (many members, few of them wanted) and
// deep (lists in lists). Each has fields that nobody asks for.
//
// Deterministic: document number n of a shape is always the same text. Shuffled, it has the same members, those of each
// object in an order of their own.

#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout::bench {

/// Numbers without a pattern. A multiplicative generator is enough: no figure depends on its quality.
class Dice {
 public:
  Dice(std::uint64_t number, bool shuffled) : state_((number + 1) * 6364136223846793005u), shuffled_(shuffled) {}

  bool shuffled() const { return shuffled_; }
  std::uint64_t below(std::uint64_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % n;
  }
  template <std::size_t N>
  const char* pick(const char* const (&choices)[N]) {
    return choices[below(N)];
  }
  /// A time of the year, in the form that is most frequent in messages.
  std::string time(int year) {
    const auto month = 1 + below(12), day = 1 + below(28), hour = below(24), minute = below(60), second = below(60);
    return fmt::format(R"("{}-{:02}-{:02}T{:02}:{:02}:{:02}")", year, month, day, hour, minute, second);
  }
  /// A text of lower-case letters and blanks.
  std::string words(std::size_t size) {
    std::string text = "\"";
    for (std::size_t i = 0; i < size; ++i) text += "abcdefghijklmnopqrstuvwxyz      "[below(32)];
    return text + '"';
  }

 private:
  std::uint64_t state_;
  bool shuffled_;
};

/// The members of an object, or the elements of a list, on their way to text.
class Members {
 public:
  template <class... Args>
  void add(std::string_view key, fmt::format_string<Args...> format, Args&&... args) {
    members_.push_back(fmt::format("\"{}\":", key) + fmt::format(format, std::forward<Args>(args)...));
  }
  std::string object(Dice& dice) {
    if (dice.shuffled())
      for (std::size_t i = members_.size(); i > 1; --i) std::swap(members_[i - 1], members_[dice.below(i)]);
    return fmt::format("{{{}}}", fmt::join(members_, ","));
  }

 private:
  std::vector<std::string> members_;
};

/// A message of about 700 bytes with 1 to 8 sessions: the one of the README, with more fields.
inline std::string session_message(std::uint64_t number, bool shuffled = false) {
  Dice dice(number, shuffled);
  static constexpr const char* kAgents[] = {"chrome", "firefox", "safari", "Mozilla/5.0 (X11; Linux x86_64)",
                                            "curl/8.5"};
  static constexpr const char* kSystems[] = {"linux", "windows", "macos", "android"};
  Members user;
  user.add("id", R"("user{:07}")", number);
  user.add("last_seen", "{}", dice.time(2024));
  user.add("plan", R"("{}")", dice.below(2) == 0 ? "free" : "team");
  user.add("score", "{}", dice.below(100'000));
  std::vector<std::string> sessions(1 + dice.below(8));
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    Members session, device;
    session.add("id", R"("s{:07}-{}")", number, i);
    session.add("created_at", "{}", dice.time(2023));
    device.add("useragent", R"("{}")", dice.pick(kAgents));
    device.add("os", R"("{}")", dice.pick(kSystems));
    session.add("device", "{}", device.object(dice));
    session.add("seconds", "{}.{}", dice.below(5000), dice.below(10));
    sessions[i] = session.object(dice);
  }
  Members message, trace;
  message.add("user", "{}", user.object(dice));
  message.add("sessions", "[{}]", fmt::join(sessions, ","));
  message.add("source", R"("gateway-{}")", dice.below(4));
  message.add("region", R"("eu-{}")", dice.below(3));
  message.add("retry", "false");
  trace.add("id", R"("{:08x}{:08x}")", dice.below(1ull << 32), dice.below(1ull << 32));
  trace.add("parent", "null");
  message.add("trace", "{}", trace.object(dice));
  return message.object(dice);
}

/// Adds field number `i` of a wide document: its kind follows from its number.
inline void add_wide_field(Members& members, std::size_t i, Dice& dice) {
  static constexpr const char* kStates[] = {"open", "closed", "waiting", "returned to sender"};
  switch (i % 10) {
    case 0:
      return members.add(fmt::format("name_{}", i), "{}", dice.words(6 + dice.below(20)));
    case 1:
    case 6:
      return members.add(fmt::format("count_{}", i), "{}", dice.below(10'000'000));
    case 2:
      return members.add(fmt::format("state_{}", i), R"("{}")", dice.pick(kStates));
    case 3:
      return members.add(fmt::format("amount_{}", i), "{}.{:02}", dice.below(100'000), dice.below(100));
    case 4:
      return members.add(fmt::format("changed_at_{}", i), "{}", dice.time(2025));
    case 5:
      return members.add(fmt::format("is_flag_{}", i), "{}", dice.below(2) == 0);
    case 7:
      return members.add(fmt::format("note_{}", i), "{}", dice.below(4) == 0 ? "null" : dice.words(30));
    case 8:
      return members.add(fmt::format("position_{}", i), R"({{"x":{},"y":-{}.5}})", dice.below(1000), dice.below(1000));
    default:
      return members.add(fmt::format("code_{}", i), R"("{:012x}")", dice.below(1ull << 31) * 65'537);
  }
}

/// A document of about 1,900 bytes with 60 members.
inline std::string wide_document(std::uint64_t number, bool shuffled = false) {
  Dice dice(number, shuffled);
  Members members;
  for (std::size_t i = 0; i < 60; ++i) add_wide_field(members, i, dice);
  return members.object(dice);
}

inline std::string shipment(std::uint64_t order, std::size_t number, Dice& dice) {
  static constexpr const char* kCarriers[] = {"post", "north freight", "night mail", "rail"};
  std::vector<std::string> lines(1 + dice.below(5));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Members line;
    line.add("sku", R"("A{:05}-{}")", dice.below(100'000), dice.below(10));
    line.add("quantity", "{}", 1 + dice.below(200));
    line.add("price", "{}.{:02}", dice.below(900), dice.below(100));
    line.add("gift", "{}", dice.below(2) == 0);
    lines[i] = line.object(dice);
  }
  Members shipment;
  shipment.add("id", R"("o{}-{}")", order, number);
  shipment.add("carrier", R"("{}")", dice.pick(kCarriers));
  shipment.add("sent_at", "{}", dice.time(2024));
  shipment.add("weight", "{}.{:03}", dice.below(40), dice.below(1000));
  shipment.add("lines", "[{}]", fmt::join(lines, ","));
  return shipment.object(dice);
}

/// An order of about 1,000 bytes: 1 to 5 shipments of 1 to 5 lines.
inline std::string deep_document(std::uint64_t number, bool shuffled = false) {
  Dice dice(number, shuffled);
  std::vector<std::string> shipments(1 + dice.below(5));
  for (std::size_t i = 0; i < shipments.size(); ++i) shipments[i] = shipment(number, i, dice);
  Members order, customer;
  order.add("order", "{}", 1'000'000 + number);
  customer.add("id", R"("c{:06}")", dice.below(1'000'000));
  customer.add("country", R"("DE")");
  order.add("customer", "{}", customer.object(dice));
  order.add("placed_at", "{}", dice.time(2024));
  order.add("shipments", "[{}]", fmt::join(shipments, ","));
  order.add("paid", "true");
  return order.object(dice);
}

}  // namespace batchout::bench
