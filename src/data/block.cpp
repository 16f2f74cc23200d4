// Cells of columns, and rows as selections over shared values.

#include "batchout/block.h"

#include "base/assertion.h"

namespace batchout {
namespace {

constexpr std::size_t kTextSlack = 64;  // Bytes: whoever writes a text asks for more room than the text needs.

}  // namespace

// A view: the text lives as long as the column is not changed.
Cell Column::cell(std::size_t i) const {
  Cell cell;
  cell.tag = tag(i);
  if (is_textual(cell.tag)) {
    cell.text = text(i);
  } else if (cell.tag == Tag::real) {
    cell.real = real(i);
  } else if (cell.tag != Tag::null) {
    cell.integer = integer(i);
  }
  return cell;
}

void Column::append(const Cell& cell) {
  if (is_textual(cell.tag)) return append_text(cell.tag, cell.text);
  append(cell.tag,
         cell.tag == Tag::real ? std::bit_cast<std::uint64_t>(cell.real) : static_cast<std::uint64_t>(cell.integer));
}

// The word of a failed cell is never 0: one byte more than the excerpt is counted in.
void Column::append_failed(std::string_view excerpt) {
  char* const room = text_room(excerpt.size() + 1);
  room[0] = '\0';
  excerpt.copy(room + 1, excerpt.size());
  commit_text(Tag::null, excerpt.size() + 1);
}

// Takes the last cells back, with their bytes, for a payload that turned out to be refused.
void Column::truncate(std::size_t size) {
  // Texts lie in order of appending, so the first dropped text is where the dropped bytes begin.
  for (std::size_t i = size; i < size_; ++i) {
    if (!is_textual(tag(i))) continue;
    bytes_.truncate(words_[i] >> 32);
    break;
  }
  size_ = std::min(size_, size);
}

void Column::clear() {
  size_ = 0;
  bytes_.clear();
}

// Runs of payloads are alike, so an eighth more is mostly enough.
void Column::reserve_as(const Column& other) {
  if (other.size_ > 0) grow(other.size_ + other.size_ / 8);
  bytes_.room(other.bytes_.size() + other.bytes_.size() / 8 + kTextSlack);
}

void Column::grow(std::size_t capacity) {
  capacity = std::max<std::size_t>(64, capacity);
  auto tags = std::make_unique_for_overwrite<Tag[]>(capacity);
  auto words = std::make_unique_for_overwrite<std::uint64_t[]>(capacity);
  std::copy_n(tags_.get(), size_, tags.get());
  std::copy_n(words_.get(), size_, words.get());
  tags_ = std::move(tags);
  words_ = std::move(words);
  capacity_ = capacity;
}

Block::Block(std::shared_ptr<const TableShape> shape, std::shared_ptr<const Values> values,
             std::vector<std::vector<std::uint32_t>> selections)
    : shape_(std::move(shape)), values_(std::move(values)), selections_(std::move(selections)) {
  BATCHOUT_ASSERT(!selections_.empty());
  rows_ = selections_.front().size();
  for (const auto& selection : selections_) BATCHOUT_ASSERT(selection.size() == rows_);
}

// The number is that of the block's own shape, behind any projection.
Block::View Block::column(std::size_t column) const {
  const std::size_t source = sources_.empty() ? column : sources_[column];
  if (source == kAbsent) return {nullptr, nullptr};
  return {&values_->columns[source], selections_[shape_->columns[column].level].data()};
}

// Values are shared; only selections are made anew.
Block Block::filtered(const std::vector<bool>& keep) const {
  BATCHOUT_ASSERT(keep.size() == rows_);
  std::vector<std::vector<std::uint32_t>> selections(selections_.size());
  for (std::size_t level = 0; level < selections.size(); ++level)
    for (std::size_t row = 0; row < rows_; ++row)
      if (keep[row]) selections[level].push_back(selections_[level][row]);
  Block block(shape_, values_, std::move(selections));
  block.sources_ = sources_;
  return block;
}

// Projections of projections lead to the original columns, so they cost nothing to read through.
Block Block::projected(std::shared_ptr<const TableShape> shape, std::span<const std::size_t> columns) const {
  BATCHOUT_ASSERT(shape->columns.size() == columns.size());
  Block block(std::move(shape), values_, selections_);
  for (const std::size_t column : columns)
    block.sources_.push_back(sources_.empty() || column == kAbsent ? column : sources_[column]);
  return block;
}

}  // namespace batchout
