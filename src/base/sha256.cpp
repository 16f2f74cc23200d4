// SHA-256, computed by nettle.

#include "base/sha256.h"

#include <cstdint>

#include <nettle/base16.h>
#include <nettle/sha2.h>

namespace batchout {

static_assert(kSha256Digits == BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE));

void write_sha256(std::string_view bytes, char* digits) {
  sha256_ctx state;
  std::uint8_t digest[SHA256_DIGEST_SIZE];
  sha256_init(&state);
  sha256_update(&state, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  sha256_digest(&state, sizeof digest, digest);
  base16_encode_update(digits, sizeof digest, digest);
}

std::string sha256(std::string_view bytes) {
  std::string digits(kSha256Digits, '0');
  write_sha256(bytes, digits.data());
  return digits;
}

}  // namespace batchout
