// Our own readers: the extractor alone, and the engine's lanes.

#pragma once

#include <span>

#include "yardstick.h"

namespace batchout::bench {

/// Program and rows of a shape, as a lane runs them.
std::unique_ptr<Reader> ours(Shape shape);

/// Extracts the arenas on `count` lanes, each pinned to a processor of its own; gives seconds on the clock.
double seconds_of_lanes(Shape shape, std::span<const Payloads> arenas, std::size_t count, std::size_t& rows);

/// Of processor time; `extracting` without reading the file and cutting it into lines.
struct FileSeconds {
  double all = 0;
  double extracting = 0;
};

/// Reads a file of one document a line, and keeps all rows as blocks.
FileSeconds seconds_of_file(Shape shape, const char* path, std::size_t& rows);

/// Puts the calling thread on one processor.
void pin(int processor);
/// Of this process, so that others on the machine do not count.
double processor_seconds();

}  // namespace batchout::bench
