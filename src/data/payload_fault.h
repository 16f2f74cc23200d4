// What is wrong with a payload that its source cannot give whole, with a code where the general one says too little.

#pragma once

#include <string>
#include <string_view>

namespace batchout {

/// A fault as in Payloads::append that has a code of its own.
inline std::string coded_fault(std::string_view code, std::string_view text) {
  std::string fault = "[";
  return fault.append(code).append("] ").append(text);
}

struct PayloadFault {
  std::string_view code, text;
};

/// The parts of a fault; `otherwise`: the code of one that has none. Borrows both.
inline PayloadFault read_fault(std::string_view fault, std::string_view otherwise) {
  const std::size_t end = fault.find("] ");
  if (!fault.starts_with("[BO") || end == std::string_view::npos) return {otherwise, fault};
  return {fault.substr(1, end - 1), fault.substr(end + 2)};
}

}  // namespace batchout
