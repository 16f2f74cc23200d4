// Addresses are read by the system, since they have many spellings.

#include "base/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>

namespace batchout {

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.contains('\0')) return false;
  const std::string text(host);
  in_addr four{};
  if (::inet_pton(AF_INET, text.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace batchout
