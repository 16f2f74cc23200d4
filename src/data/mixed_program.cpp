// All that a payload gives is gathered first, so that one which is refused on the way leaves nothing but its reject.

#include "data/mixed_program.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace batchout {
namespace {

// Marks of cells that did not fit go along.
void append_all(const Column& from, Column& to) {
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from.failed(i))
      to.append_failed(from.excerpt(i));
    else
      to.append(from.cell(i));
}

void add(const CastFailures& failures, CastFailures& total) {
  if (total.count == 0) total.sample = failures.sample;
  total.count += failures.count;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------- filled paths

FilledPaths::FilledPaths(const LookUp& look_up, const Projection& whole, const Extractor& extractor,
                         SharingProgram* own)
    : look_up_(look_up), whole_(whole), extractor_(extractor), own_(own) {
  if (look_up_.level) add(whole_.levels[*look_up_.level].path, whole_.levels[*look_up_.level].extractor);
  for (const std::size_t number : look_up_.columns) add(whole_.columns[number].path, whole_.columns[number].extractor);
}

void FilledPaths::add(const Template& path, const std::shared_ptr<const Extractor>& named) {
  const Extractor& reader = reader_of(named);
  asked_for_.push_back({&path, &reader, reader.filler(path, {})});
}

CompiledPaths& FilledPaths::at(std::span<const Cell> values) {
  filled_.clear();
  key_.clear();
  for (const Asked& asked : asked_for_) fill_in(asked, values);
  auto known = known_.find(key_);
  if (known == known_.end()) {
    if (known_.size() == kKnownMax) drop_oldest();
    known = known_.try_emplace(key_).first;
    compile(known->second);
  }
  known->second.used = ++asked_;
  return known->second;
}

// A path that is none once it is filled in finds nothing, like one that could not be filled in. Sizes keep the texts
// apart in the key.
void FilledPaths::fill_in(const Asked& asked, std::span<const Cell> values) {
  std::optional<Template> filled;
  if (asked.filler == nullptr)
    filled = asked.reader->filled(*asked.path, values);
  else if (asked.filler->fill(values, text_))
    filled = Template{asked.path->written, {text_}};
  key_ += filled ? '+' : '-';
  if (filled)
    for (const auto& piece : filled->pieces) {
      const auto& literal = std::get<std::string>(piece);
      fmt::format_to(std::back_inserter(key_), "{}:{}", literal.size(), literal);
    }
  filled_.push_back(std::move(filled));
}

void FilledPaths::compile(CompiledPaths& paths) const {
  Projection& projection = paths.projection;
  projection.limits = whole_.limits;
  projection.levels.resize(1);
  for (std::size_t i = 0; i < filled_.size(); ++i) {
    if (!filled_[i]) continue;
    if (look_up_.level) {
      ProjectionLevel level = whole_.levels[*look_up_.level];
      if (reader_of(level.extractor).check(*filled_[i])) continue;
      level.path = *filled_[i];
      level.parent = kPayloadLevel;
      level.keeps_values = level.kind != IndexKind::for_list;
      projection.levels.push_back(std::move(level));
      continue;
    }
    ProjectionColumn column = whole_.columns[look_up_.columns[i]];
    if (reader_of(column.extractor).check(*filled_[i])) continue;
    column.path = *filled_[i];
    column.level = kPayloadLevel;
    projection.columns.push_back(std::move(column));
    paths.columns.push_back(i);
  }
  if (projection.levels.size() == 1 && projection.columns.empty()) return;
  if (own_ == nullptr) {
    paths.program = extractor_.compile(projection);
  } else {
    auto sibling = own_->sibling(projection);
    paths.sharing = sibling.get();
    paths.program = std::move(sibling);
  }
  paths.found.emplace(projection);
}

// Looked for one by one: that costs less than to compile what takes the place.
void FilledPaths::drop_oldest() {
  known_.erase(std::ranges::min_element(known_, {}, [](const auto& known) { return known.second.used; }));
}

// --------------------------------------------------------------------------------------------------------- program

MixedProgram::MixedProgram(const std::vector<MixedExtractor::Part>& parts, const Projection& whole,
                           const MixedExtractor::Readers& readers)
    : whole_(whole),
      work_(whole, parts.size(), readers),
      found_(whole),
      owners_(whole.levels.size()),
      values_(whole.levels.size()) {
  for (std::size_t part = 0; part < parts.size(); ++part) {
    extractors_.push_back(parts[part].extractor);
    add_own(*extractors_.back(), work_.own[part].projection);
  }
  for (const LookUp& look_up : work_.look_ups)
    look_ups_.emplace_back(look_up, whole_, *extractors_[look_up.part], own_[look_up.part].sharing);
}

// Extractors of one kind that read payloads alike share them, whatever their paths look like.
void MixedProgram::add_own(const Extractor& extractor, const Projection& projection) {
  auto program = extractor.compile(projection);
  auto* const sharing = dynamic_cast<SharingProgram*>(program.get());
  if (sharing != nullptr)
    for (const Own& other : own_)
      if (other.sharing != nullptr) sharing->join(*other.sharing);
  own_.push_back({std::move(program), sharing, Extraction(projection)});
}

// Payloads that no extractor looks at are refused by others.
void MixedProgram::run(const Payloads& payloads, Extraction& out) {
  for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
    one_.clear();
    one_.append(payloads, payload);
    ++payloads_read_;
    bytes_read_ = 0;
    steps_ = 0;
    if (!read_own(out.rejects)) continue;
    take_own();
    if (std::ranges::all_of(look_ups_, [&](FilledPaths& paths) { return look_up(paths, out.rejects); }))
      append(payloads, payload, out);
    if (one_.bytes(0).size() > kSmallPayload)
      for (FilledPaths& paths : look_ups_) paths.clear();
  }
}

// Each extractor sees the payload, whether it has anything to find by itself or not: what it does not accept must not
// depend on what the others find. One reject is enough.
bool MixedProgram::read_own(Rejects& rejects) {
  for (const Own& own : own_)
    if (own.sharing != nullptr) own.sharing->next_payload();
  for (Own& own : own_) {
    own.found.clear();
    own.program->run(one_, own.found);
    if (!own.found.rejects.empty()) rejects.push_back(std::move(own.found.rejects.front()));
    if (own.found.levels[kPayloadLevel].count == 0) return false;
  }
  return true;
}

void MixedProgram::take_own() {
  found_.clear();
  found_.levels[kPayloadLevel].count = 1;
  for (std::size_t part = 0; part < own_.size(); ++part) {
    const OwnWork& work = work_.own[part];
    const Extraction& own = own_[part].found;
    for (std::size_t level = 1; level < work.levels.size(); ++level) {
      LevelEntries& entries = found_.levels[work.levels[level]];
      entries.count = own.levels[level].count;
      entries.begin = own.levels[level].begin;
      append_all(own.levels[level].values, entries.values);
      add_owners(work.levels[level]);
    }
    for (std::size_t column = 0; column < work.columns.size(); ++column) {
      append_all(own.values->columns[column], found_.values->columns[work.columns[column]]);
      add(own.failures[column], found_.failures[work.columns[column]]);
    }
  }
}

void MixedProgram::add_owners(LevelId level) {
  const LevelEntries& entries = found_.levels[level];
  owners_[level].resize(entries.count);
  for (std::uint32_t parent = 0; parent + 1 < entries.begin.size(); ++parent)
    std::fill(owners_[level].begin() + entries.begin[parent], owners_[level].begin() + entries.begin[parent + 1],
              parent);
}

bool MixedProgram::look_up(FilledPaths& paths, Rejects& rejects) {
  return paths.look_up().level ? look_up_level(paths, rejects) : look_up_columns(paths, rejects);
}

// The entries of a level, for each entry of the one around it. Nested look-ups multiply, so their number is limited
// before they become rows.
bool MixedProgram::look_up_level(FilledPaths& paths, Rejects& rejects) {
  const LevelId level = *paths.look_up().level;
  LevelEntries& entries = found_.levels[level];
  for (std::uint32_t entry = 0; entry < found_.levels[paths.look_up().at].count; ++entry) {
    set_values(paths.look_up().at, entry);
    CompiledPaths& compiled = paths.at(values_);
    if (compiled.program != nullptr) {
      if (!read(compiled, rejects)) return false;
      const LevelEntries& found = compiled.found->levels[1];
      if (entries.count + std::size_t{found.count} > whole_.limits.rows_per_payload_max) {
        refuse("BO410",
               fmt::format("the payload has more than {} entries of index \"{}\"", whole_.limits.rows_per_payload_max,
                           whole_.levels[level].index),
               rejects);
        return false;
      }
      entries.count += found.count;
      if (work_.keeps_values[level]) append_all(found.values, entries.values);
    }
    entries.begin.push_back(entries.count);
  }
  add_owners(level);
  return true;
}

bool MixedProgram::look_up_columns(FilledPaths& paths, Rejects& rejects) {
  const LookUp& look_up = paths.look_up();
  for (std::uint32_t entry = 0; entry < found_.levels[look_up.at].count; ++entry) {
    set_values(look_up.at, entry);
    CompiledPaths& compiled = paths.at(values_);
    if (compiled.program != nullptr && !read(compiled, rejects)) return false;
    for (std::size_t i = 0; i < compiled.columns.size(); ++i) {
      const std::size_t column = look_up.columns[compiled.columns[i]];
      append_all(compiled.found->values->columns[i], found_.values->columns[column]);
      add(compiled.found->failures[i], found_.failures[column]);
    }
    for (const std::size_t column : look_up.columns) found_.values->columns[column].fill(entry + 1);
  }
  return true;
}

// Equal paths are not read twice in one payload.
bool MixedProgram::read(CompiledPaths& paths, Rejects& rejects) {
  if (paths.read == payloads_read_) return true;
  if (paths.sharing == nullptr) bytes_read_ += one_.bytes(0).size();
  if (bytes_read_ > kBytesMax) {
    refuse("BO408", "paths that depend on indexes of other extractors would read this payload too often", rejects);
    return false;
  }
  paths.found->clear();
  paths.program->run(one_, *paths.found);
  paths.read = payloads_read_;
  if (!paths.found->rejects.empty()) rejects.push_back(std::move(paths.found->rejects.front()));
  if (paths.found->levels[kPayloadLevel].count != 1) return false;
  if (paths.sharing != nullptr) steps_ += paths.sharing->steps();
  if (steps_ <= kStepsMax) return true;
  refuse("BO408", "paths that depend on indexes of other extractors take too many steps in this payload", rejects);
  return false;
}

// Of the entry and those around it; paths mention no others.
void MixedProgram::set_values(LevelId level, std::uint32_t entry) {
  for (; level != kPayloadLevel; level = whole_.levels[level].parent) {
    const ProjectionLevel& index = whole_.levels[level];
    const LevelEntries& entries = found_.levels[level];
    const std::uint32_t owner = owners_[level][entry];
    if (index.kind == IndexKind::for_list)
      values_[level] = {.tag = Tag::integer, .integer = entry - entries.begin[owner] + index.first, .text = {}};
    else
      values_[level] = work_.keeps_values[level] ? entries.values.cell(entry) : Cell{};
    entry = owner;
  }
}

void MixedProgram::refuse(std::string_view code, std::string message, Rejects& rejects) const {
  Reject& reject = rejects.emplace_back();
  reject.code = code;
  reject.message = std::move(message);
  reject.excerpt = one_.bytes(0).substr(0, 256);
  reject.unit = one_.entry(0).unit;
  reject.position = one_.entry(0).position;
}

void MixedProgram::append(const Payloads& payloads, std::size_t payload, Extraction& out) const {
  for (LevelId level = 0; level < whole_.levels.size(); ++level) {
    const LevelEntries& found = found_.levels[level];
    LevelEntries& entries = out.levels[level];
    for (std::size_t i = 1; i < found.begin.size(); ++i) entries.begin.push_back(entries.count + found.begin[i]);
    entries.count += found.count;
    if (whole_.levels[level].keeps_values) append_all(found.values, entries.values);
  }
  for (std::size_t column = 0; column < whole_.columns.size(); ++column) {
    append_all(found_.values->columns[column], out.values->columns[column]);
    add(found_.failures[column], out.failures[column]);
  }
  out.payloads.push_back(static_cast<std::uint32_t>(payload));
  out.values->units.push_back(payloads.entry(payload).unit);
  out.values->positions.push_back(payloads.entry(payload).position);
}

}  // namespace batchout
