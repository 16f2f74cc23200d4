// The padded arena: [payload][LF 0x01 LF][payload][LF 0x01 LF] ... [64 bytes of padding]; and what is known of
// payloads.

#include "batchout/payloads.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace batchout {

/// Metadata, in memory that is kept when it is forgotten.
struct Payloads::Notes {
  /// The texts stand in `texts`: the name of a header, then the bytes of the value.
  struct Note {
    /// The number, or where the texts begin.
    std::int64_t word = 0;
    std::uint32_t header_size = 0;
    std::uint32_t size = 0;
    /// Of notes of units.
    UnitId unit{};
    MetaField field{};
    /// Which alternative of MetaValue.
    std::uint8_t type = 0;
  };

  Note made(MetaField field, const MetaValue& value, std::string_view header);
  std::string_view header_of(const Note& note) const;
  MetaValue value_of(const Note& note) const;
  std::span<const Note> of(std::size_t payload) const;
  std::span<const Note> of(UnitId unit) const { return std::ranges::equal_range(of_units, unit, {}, &Note::unit); }
  void clear();

  /// In the order of the payloads.
  std::vector<Note> of_payloads;
  /// Per payload, up to the last one with notes: its first one in `of_payloads`.
  std::vector<std::size_t> begins;
  /// In the order of the units' numbers.
  std::vector<Note> of_units;
  std::vector<char> texts;
};

Payloads::Payloads() = default;
Payloads::Payloads(Payloads&&) noexcept = default;
Payloads& Payloads::operator=(Payloads&&) noexcept = default;
Payloads::~Payloads() = default;

// An empty arena takes anything: a payload that is larger than the arena travels alone.
bool Payloads::fits(std::size_t size) const {
  return entries_.empty() || size_ + size + kSeparator.size() + kPadding <= std::max(capacity_, kArenaSize);
}

// The bytes are copied; views of earlier payloads may become invalid.
void Payloads::append(std::string_view bytes, UnitId unit, std::int64_t position, std::int64_t next, State state,
                      std::string_view fault) {
  const std::size_t end = size_ + bytes.size() + kSeparator.size();
  if (end + kPadding > capacity_) grow(end + kPadding);
  if (!fault.empty()) faults_.emplace_back(entries_.size(), fault);
  entries_.push_back({size_, bytes.size(), position, next, unit, state});
  if (!bytes.empty()) std::memcpy(arena_.get() + size_, bytes.data(), bytes.size());
  std::memcpy(arena_.get() + size_ + bytes.size(), kSeparator.data(), kSeparator.size());
  // Parsers may read the padding, so it has to be the same in every run.
  std::memset(arena_.get() + end, ' ', kPadding);
  size_ = end;
}

void Payloads::append(const Payloads& others, std::size_t payload) {
  const Entry& entry = others.entry(payload);
  append(others.bytes(payload), entry.unit, entry.position, entry.next, entry.state, others.fault(payload));
  if (others.notes_ == nullptr) return;
  const Notes& known = *others.notes_;
  for (const auto& one : known.of(payload)) note(one.field, known.value_of(one), known.header_of(one));
  if (has_notes_of(entry.unit)) return;
  for (const auto& one : known.of(entry.unit)) note_of(entry.unit, one.field, known.value_of(one));
}

std::string_view Payloads::fault(std::size_t payload) const {
  const auto found = std::ranges::find(faults_, payload, [](const auto& fault) { return fault.first; });
  return found == faults_.end() ? std::string_view() : found->second;
}

// Keeps the memory.
void Payloads::clear() {
  entries_.clear();
  faults_.clear();
  tokens_.clear();
  if (notes_ != nullptr) notes_->clear();
  size_ = 0;
}

// Units of one arena are few.
void Payloads::set_token(UnitId unit, std::string_view token) {
  const auto known = std::ranges::find(tokens_, unit, [](const auto& entry) { return entry.first; });
  if (known == tokens_.end())
    tokens_.emplace_back(unit, token);
  else
    known->second = token;
}

void Payloads::grow(std::size_t needed) {
  const std::size_t capacity = std::max({needed, kArenaSize, capacity_ + capacity_ / 2});
  auto arena = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(arena.get(), arena_.get(), size_);
  arena_ = std::move(arena);
  capacity_ = capacity;
}

// ------------------------------------------------------------------------------------------------------- metadata

// Payloads without notes in between begin where the next ones do.
void Payloads::note(MetaField field, const MetaValue& value, std::string_view header) {
  Notes& known = notes();
  if (known.begins.size() < entries_.size()) known.begins.resize(entries_.size(), known.of_payloads.size());
  known.of_payloads.push_back(known.made(field, value, header));
}

// Units are few, and their numbers mostly grow.
void Payloads::note_of(UnitId unit, MetaField field, const MetaValue& value) {
  Notes& known = notes();
  Notes::Note note = known.made(field, value, {});
  note.unit = unit;
  known.of_units.insert(std::ranges::upper_bound(known.of_units, unit, {}, &Notes::Note::unit), note);
}

bool Payloads::has_notes_of(UnitId unit) const {
  return notes_ != nullptr && !notes_->of(unit).empty();
}

MetaValue Payloads::metadata(std::size_t payload, MetaField field, std::string_view header) const {
  if (notes_ == nullptr) return {};
  const auto matches = [&](const Notes::Note& note) {
    return note.field == field && notes_->header_of(note) == header;
  };
  const auto own = notes_->of(payload);
  if (const auto found = std::ranges::find_if(own.rbegin(), own.rend(), matches); found != own.rend())
    return notes_->value_of(*found);
  const auto shared = notes_->of(entries_[payload].unit);
  const auto found = std::ranges::find_if(shared, matches);
  if (found == shared.end()) return {};
  if (field == MetaField::offset) return found->word + entries_[payload].position;
  return notes_->value_of(*found);
}

std::vector<std::string_view> Payloads::headers(std::size_t payload) const {
  std::vector<std::string_view> names;
  if (notes_ == nullptr) return names;
  for (const Notes::Note& note : notes_->of(payload))
    if (note.field == MetaField::header) names.push_back(notes_->header_of(note));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

std::size_t Payloads::metadata_bytes() const {
  return notes_ == nullptr ? 0 : notes_->texts.size() + notes_->of_payloads.size() * sizeof(Notes::Note);
}

Payloads::Notes& Payloads::notes() {
  if (notes_ == nullptr) notes_ = std::make_unique<Notes>();
  return *notes_;
}

Payloads::Notes::Note Payloads::Notes::made(MetaField field, const MetaValue& value, std::string_view header) {
  Note note;
  note.field = field;
  note.type = static_cast<std::uint8_t>(value.index());
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    note.word = *number;
    return note;
  }
  note.word = static_cast<std::int64_t>(texts.size());
  note.header_size = static_cast<std::uint32_t>(header.size());
  texts.insert(texts.end(), header.begin(), header.end());
  if (const auto* bytes = std::get_if<std::string_view>(&value)) {
    note.size = static_cast<std::uint32_t>(bytes->size());
    texts.insert(texts.end(), bytes->begin(), bytes->end());
  }
  return note;
}

std::string_view Payloads::Notes::header_of(const Note& note) const {
  if (note.header_size == 0) return {};  // A number has no texts at all.
  return {texts.data() + note.word, note.header_size};
}

MetaValue Payloads::Notes::value_of(const Note& note) const {
  switch (note.type) {
    case 1:
      return nullptr;
    case 2:
      return note.word;
    case 3:
      return std::string_view(texts.data() + note.word + note.header_size, note.size);
    default:
      return {};
  }
}

std::span<const Payloads::Notes::Note> Payloads::Notes::of(std::size_t payload) const {
  if (payload >= begins.size()) return {};
  const std::size_t end = payload + 1 < begins.size() ? begins[payload + 1] : of_payloads.size();
  return std::span(of_payloads).subspan(begins[payload], end - begins[payload]);
}

void Payloads::Notes::clear() {
  of_payloads.clear();
  begins.clear();
  of_units.clear();
  texts.clear();
}

}  // namespace batchout
