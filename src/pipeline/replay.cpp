// Which letters can be replayed, and which of their rows.

#include "pipeline/replay.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace batchout {
namespace {

constexpr std::string_view kInputs = "inputs.", kOutputs = "outputs.";

bool has_name(const auto& components, const std::string& name) {
  return std::ranges::any_of(components, [&](const auto& component) { return component.name == name; });
}

/// Of a letter about rows: the name of the output that refused them; empty if it was no output.
std::string output_of(const Letter& letter) {
  return letter.place.starts_with(kOutputs) ? letter.place.substr(kOutputs.size()) : std::string();
}

}  // namespace

// Letters of earlier versions do not say whose payload they are.
std::optional<std::string> ReplayDesk::input_of(const Letter& letter) const {
  std::string name = letter.input;
  if (name.empty() && letter.place.starts_with(kInputs)) name = letter.place.substr(kInputs.size());
  if (name.empty() && !letter.source.empty() && plan_.inputs.size() == 1) name = plan_.inputs.front().name;
  return name.empty() ? std::nullopt : std::optional(name);
}

/// Why a letter cannot be replayed, whatever its payload is; empty if it can.
std::string ReplayDesk::obstacle(const Letter& letter, const std::string& input) const {
  if (letter.code == "BO403") return "the message has no value, so there is nothing to replay";
  if (letter.code == "BO404" || letter.code == "BO409" || letter.code == "BO419")
    return "only the beginning of the payload was read";
  if (letter.code == "BO420") return "the server has refused the request, so there is no payload";
  if (letter.code == "BO413") return "the messages were gone before they were read, so there is nothing to replay";
  // A payload without bytes cannot be told from one that had no value, or was not found for the letter.
  if (letter.carrier == 0 || letter.size == 0) return "the bytes of the payload are not kept";
  if (!has_name(plan_.inputs, input)) return fmt::format("the configuration has no input {} any more", input);
  if (letter.row >= 0)
    if (std::string why = obstacle_of_row(letter); !why.empty()) return why;
  if (letter.attempts >= kAttemptsMax && !force_)
    return fmt::format("it has been refused {} times; --force tries it again", letter.attempts);
  return {};
}

/// Numbers of rows are those of one output and one writer.
std::string ReplayDesk::obstacle_of_row(const Letter& letter) const {
  const std::string output = output_of(letter);
  const std::vector<std::string> writers = writers_to(output);
  if (writers.empty()) return fmt::format("the configuration has no output {} any more", output);
  if (letter.writer.empty() && writers.size() > 1)
    return fmt::format("the letter does not say which of the writers of outputs.{} gave it the row", output);
  if (!letter.writer.empty() && std::ranges::find(writers, letter.writer) == writers.end())
    return fmt::format("the writer {} gives outputs.{} no rows any more", letter.writer, output);
  return {};
}

std::vector<std::string> ReplayDesk::writers_to(const std::string& output) const {
  const auto found = std::ranges::find(plan_.outputs, output, &PlannedOutput::name);
  if (found == plan_.outputs.end()) return {};
  return writers_of(plan_, static_cast<std::size_t>(found - plan_.outputs.begin()));
}

void ReplayDesk::choose(const Letter& letter) {
  const auto input = input_of(letter);
  if (!input) return pass_over(letter.id, "the row was computed by a selector, or its input is not known");
  if (std::string why = obstacle(letter, *input); !why.empty()) return pass_over(letter.id, std::move(why));
  if (sizes_.emplace(letter.carrier, letter.size).second) carriers_[*input].push_back(letter.carrier);
}

// A payload may have been chosen for a letter that is not its first one.
const std::vector<std::int64_t>& ReplayDesk::carriers_of(const std::string& input) {
  std::vector<std::int64_t>& carriers = carriers_[input];
  std::ranges::sort(carriers);
  return carriers;
}

std::uint64_t ReplayDesk::size_of(std::int64_t carrier) const {
  const auto found = sizes_.find(carrier);
  return found == sizes_.end() ? 0 : found->second;
}

bool ReplayDesk::is_replayed(const Letter& letter) const {
  const auto input = input_of(letter);
  return letter.status == "new" && input && obstacle(letter, *input).empty();
}

Result<> ReplayDesk::check_risk(const Letter& letter) const {
  const ReplayRisk risk = risks_(letter);
  if (risk.why.empty() || (force_ && risk.acceptable)) return {};
  return fail(Verdict::configuration, "BO507", risk.acceptable ? risk.why + "; --force does it anyway" : risk.why);
}

// A letter that was not chosen decides with the others which rows of the payload are written.
Result<> ReplayDesk::check_risks() {
  constexpr std::size_t kAtOnce = 500;
  std::vector<std::int64_t> carriers;
  for (const auto& [carrier, size] : sizes_) carriers.push_back(carrier);
  LetterFilter filter;
  filter.status = "new";
  const auto check = [&](Letter&& letter) -> Result<bool> {
    if (is_replayed(letter)) BATCHOUT_CHECK(check_risk(letter));
    return true;
  };
  for (std::size_t at = 0; at < carriers.size(); at += kAtOnce) {
    const std::span some = std::span(carriers).subspan(at, std::min(kAtOnce, carriers.size() - at));
    filter.carriers.assign(some.begin(), some.end());
    BATCHOUT_CHECK(letters_.each(filter, false, check));
  }
  return {};
}

void ReplayDesk::add(const Letter& letter, PayloadToReplay& payload) const {
  payload.letters.push_back(letter.id);
  payload.whole = payload.whole || letter.row < 0;
  if (letter.row < 0) return;
  const std::string output = output_of(letter);
  payload.rows[{output, writers_to(output).size() > 1 ? letter.writer : "", letter.row}] = letter.rows;
}

// The letter that has the payload may have been discarded.
Result<std::vector<PayloadToReplay>> ReplayDesk::take(const std::vector<std::int64_t>& carriers) {
  LetterFilter filter;
  filter.carriers = carriers;
  std::map<std::int64_t, PayloadToReplay> found;
  std::map<std::int64_t, std::uint64_t> missing;
  const auto sort = [&](Letter&& letter) -> Result<bool> {
    PayloadToReplay& payload = found[letter.carrier];
    payload.carrier = letter.carrier;
    if (letter.id == letter.carrier) {
      payload.bytes = std::move(letter.payload);
      payload.metadata = std::move(letter.metadata);
      missing[letter.carrier] = letter.size - std::min<std::uint64_t>(letter.size, payload.bytes.size());
    }
    if (!is_replayed(letter)) return true;
    BATCHOUT_CHECK(check_risk(letter));
    add(letter, payload);
    return true;
  };
  BATCHOUT_CHECK(letters_.each(filter, true, sort));
  std::vector<PayloadToReplay> payloads;
  for (auto& [carrier, payload] : found) {
    if (missing[carrier] > 0)
      for (const std::int64_t id : payload.letters)
        pass_over(id, fmt::format("only the first {} bytes of the payload are kept", payload.bytes.size()));
    if (missing[carrier] > 0 || payload.letters.empty()) continue;
    payloads.push_back(payload);
    in_hand_[carrier] = std::move(payload);
  }
  return payloads;
}

void ReplayDesk::settle(const std::map<std::int64_t, Reject>& refused) {
  for (const auto& [carrier, payload] : in_hand_) {
    const auto reject = refused.find(carrier);
    for (const std::int64_t id : payload.letters) {
      if (reject == refused.end())
        sink_({id, ReplayedLetter::Fate::replayed, {}, {}});
      else
        sink_({id, ReplayedLetter::Fate::refused, reject->second.code, reject->second.message});
    }
  }
  in_hand_.clear();
  with_rows_.clear();
}

const std::string* ReplayDesk::without_rows(const PayloadToReplay& payload) const {
  if (payload.whole) return nullptr;
  for (const auto& [place, rows] : payload.rows)
    if (!with_rows_.contains({payload.carrier, place.output, place.writer})) return &place.output;
  return nullptr;
}

void ReplayDesk::pass_over(std::int64_t id, std::string why) {
  sink_({id, ReplayedLetter::Fate::passed_over, {}, std::move(why)});
}

}  // namespace batchout
