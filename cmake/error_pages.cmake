# Writes OUT, a source that holds all BO*.md of FOLDER as raw strings.
file(GLOB pages ${FOLDER}/BO*.md)
list(SORT pages)
set(entries "")
foreach(page ${pages})
  get_filename_component(code ${page} NAME_WE)
  file(READ ${page} text)
  string(APPEND entries "    {\"${code}\", R\"PAGE(${text})PAGE\"},\n")
endforeach()
file(WRITE ${OUT} "// Made of docs/errors by cmake/error_pages.cmake.

#include \"app/cli/error_pages.h\"

namespace batchout::cli {
namespace {

constexpr ErrorPage kPages[] = {
${entries}};

}  // namespace

const std::span<const ErrorPage> kErrorPages = kPages;

}  // namespace batchout::cli
")
