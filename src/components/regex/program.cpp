// Entries of all levels first, then the matches, then the cells, so that a text which is refused on the way leaves
// nothing.

#include "components/regex/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/cast.h"

namespace batchout::regex {
namespace {

constexpr std::size_t kExcerptMax = 256;  // Bytes.

void refuse(const Payloads& payloads, std::size_t payload, Fault fault, Extraction& out) {
  const auto& entry = payloads.entry(payload);
  Reject reject;
  reject.stage = Reject::Stage::extract;
  reject.code = fault.code;
  reject.message = std::move(fault.reason);
  reject.excerpt = payloads.bytes(payload).substr(0, kExcerptMax);
  reject.unit = entry.unit;
  reject.position = entry.position;
  out.rejects.push_back(std::move(reject));
}

}  // namespace

RegexProgram::RegexProgram(const Projection& projection, const Reading& reading, Encoding encoding)
    : projection_(projection),
      searches_(searches_of(projection, reading)),
      encoding_(encoding),
      matcher_(*Regex::compile("")),
      entries_(projection.levels.size()),
      slots_(projection.levels.size()) {}

void RegexProgram::run(const Payloads& payloads, Extraction& out) {
  for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
    // Refused elsewhere, in the words of its input.
    if (payloads.entry(payload).state == Payloads::State::broken || !payloads.fault(payload).empty()) continue;
    if (auto fault = extract(payloads, payload, out)) {
      refuse(payloads, payload, std::move(*fault), out);
      continue;
    }
    const auto& entry = payloads.entry(payload);
    out.payloads.push_back(static_cast<std::uint32_t>(payload));
    out.values->units.push_back(entry.unit);
    out.values->positions.push_back(entry.position);
  }
}

std::optional<Fault> RegexProgram::extract(const Payloads& payloads, std::size_t payload, Extraction& out) {
  const Payloads::State state = payloads.entry(payload).state;
  if (state == Payloads::State::missing) return Fault{kMissing, "the source has no value here"};
  if (state == Payloads::State::too_large) return Fault{kTooLarge, "the payload is larger than the limit"};
  const auto text = read_text(payloads.bytes(payload), encoding_, memory_);
  if (!text) return text.error();
  text_ = *text;
  matcher_.share(steps_for(text_.size()));
  picks_.clear();
  lists_.clear();
  exhausted_ = false;
  too_many_ = false;
  entries_[kPayloadLevel].assign(1, Entry{});
  const auto levels = static_cast<LevelId>(entries_.size());
  for (LevelId level = 1; level < levels && !too_many_; ++level) find_entries(level);
  if (too_many_)
    return Fault{kTooManyRows, fmt::format("the payload would make more rows than are allowed, {}",
                                           projection_.limits.rows_per_payload_max)};
  for (LevelId level = 0; level < levels; ++level) pick_cells(level);
  if (exhausted_) return Fault{kTooManySteps, "the patterns take too many steps in this text"};
  appended_ = 0;
  for (LevelId level = 0; level < levels; ++level) {
    append_entries(level, out);
    append_cells(level, out);
  }
  return std::nullopt;
}

// ------------------------------------------------------------------------------------------------------- entries

void RegexProgram::find_entries(LevelId level) {
  const auto& index = projection_.levels[level];
  entries_[level].clear();
  if (index.kind == IndexKind::for_object) return;  // Texts have no keys.
  // Slots of levels that are not around this one have no value here.
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t parent = 0; parent < entries_[index.parent].size() && !exhausted_ && !too_many_; ++parent) {
    enter(index.parent, parent);
    add_entries(level, parent, *searches_.indexes[level]);
  }
}

void RegexProgram::add_entries(LevelId level, std::uint32_t parent, const Search& search) {
  if (!use_pattern(search)) return;
  const bool by_position = projection_.levels[level].kind == IndexKind::for_list;
  std::int64_t position = 0;
  auto outcome = matcher_.search(text_);
  for (; outcome == Regex::Outcome::match; outcome = matcher_.next()) {
    too_many_ = entries_[level].size() == projection_.limits.rows_per_payload_max;
    if (too_many_) return;
    const Cell counted{Tag::integer, position++, 0, {}};
    entries_[level].push_back(
        {parent, by_position ? counted : cell_of(part_of_text(matcher_.group(search.wants[0].group)))});
  }
  exhausted_ |= outcome == Regex::Outcome::limit;
}

void RegexProgram::enter(LevelId level, std::uint32_t entry) {
  for (; level != kPayloadLevel; level = projection_.levels[level].parent) {
    slots_[level] = entries_[level][entry].value;
    entry = entries_[level][entry].parent;
  }
}

// ------------------------------------------------------------------------------------------------------- matches

void RegexProgram::pick_cells(LevelId level) {
  std::ranges::fill(slots_, Cell{});
  for (std::uint32_t entry = 0; entry < entries_[level].size() && !exhausted_; ++entry) {
    enter(level, entry);
    for (const Search& search : searches_.columns[level]) pick(search);
  }
}

// Ends with the last match that somebody wants.
void RegexProgram::pick(const Search& search) {
  const std::size_t first = picks_.size();
  picks_.resize(first + search.wants.size());
  if (!use_pattern(search)) return;
  if (search.wants[0].strategy == Strategy::take_all) return list_all(search.wants[0], picks_[first]);
  auto outcome = matcher_.search(text_);
  while (outcome == Regex::Outcome::match && offer_match(search, &picks_[first])) outcome = matcher_.next();
  exhausted_ |= outcome == Regex::Outcome::limit;
}

// False if nobody wants another match.
bool RegexProgram::offer_match(const Search& search, Pick* picks) {
  bool wanted = false;
  for (const auto& want : search.wants) {
    Pick& pick = *picks++;
    const Pick found = part_of_text(matcher_.group(want.group));
    switch (want.strategy) {
      case Strategy::take_first:
        if (pick.tag == Tag::absent) pick = found;
        break;
      case Strategy::take_first_not_null:
        if (pick.tag != Tag::text) pick = found;
        wanted |= pick.tag != Tag::text;
        break;
      case Strategy::take_last_not_null:
        if (found.tag == Tag::text) pick = found;
        wanted = true;
        break;
      case Strategy::take_last:
      case Strategy::take_all:
        pick = found;
        wanted = true;
    }
  }
  return wanted;
}

void RegexProgram::list_all(const Search::Want& want, Pick& pick) {
  const std::size_t begin = lists_.size();
  auto outcome = matcher_.search(text_);
  for (; outcome == Regex::Outcome::match; outcome = matcher_.next()) {
    lists_ += lists_.size() == begin ? '[' : ',';
    append_json(cell_of(part_of_text(matcher_.group(want.group))), nullptr, lists_);
  }
  exhausted_ |= outcome == Regex::Outcome::limit;
  if (lists_.size() == begin) return;
  lists_ += ']';
  pick = {Tag::json, begin, lists_.size() - begin};
}

// False if the pattern cannot match, for its values or because steps are used up.
bool RegexProgram::use_pattern(const Search& search) {
  const Regex* regex = search.regex ? &*search.regex : nullptr;
  if (regex == nullptr && fill_in(search.path, slots_, filled_)) {
    regex = filled_patterns_.find(filled_, search.options, matcher_);
    exhausted_ |= regex == nullptr && !matcher_.spend(1);
  }
  if (regex != nullptr) matcher_.use(*regex);
  return regex != nullptr;
}

// A group that took no part in the match is null.
RegexProgram::Pick RegexProgram::part_of_text(std::optional<std::string_view> group) const {
  if (!group) return {Tag::null, 0, 0};
  return {Tag::text, static_cast<std::size_t>(group->data() - text_.data()), group->size()};
}

// --------------------------------------------------------------------------------------------------------- output

void RegexProgram::append_entries(LevelId level, Extraction& out) const {
  auto& entries = out.levels[level];
  if (level == kPayloadLevel) {
    ++entries.count;
    return;
  }
  const auto& index = projection_.levels[level];
  std::size_t next = 0;
  for (std::uint32_t of = 0; of < entries_[index.parent].size(); ++of) {
    for (; next < entries_[level].size() && entries_[level][next].parent == of; ++next) {
      ++entries.count;
      if (index.keeps_values) entries.values.append(entries_[level][next].value);
    }
    entries.begin.push_back(entries.count);
  }
}

void RegexProgram::append_cells(LevelId level, Extraction& out) {
  for (std::size_t entry = 0; entry < entries_[level].size(); ++entry)
    for (const Search& search : searches_.columns[level])
      for (const auto& want : search.wants)
        append_cast(projection_.columns[want.column].cast, cell_of(picks_[appended_++]),
                    out.values->columns[want.column], out.failures[want.column]);
}

Cell RegexProgram::cell_of(const Pick& pick) const {
  const std::string_view source = pick.tag == Tag::json ? std::string_view(lists_) : text_;
  return {pick.tag, 0, 0, source.substr(pick.begin, pick.size)};
}

}  // namespace batchout::regex
