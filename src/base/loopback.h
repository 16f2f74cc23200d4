// Which addresses are this machine's own, so that what is sent there is on no network.

#pragma once

#include <string_view>

namespace batchout {

/// True for `localhost` and for a whole address of the loopback network, such as `127.0.0.1` and `::1`; not for a name
/// that begins like one.
bool is_loopback(std::string_view host);

}  // namespace batchout
