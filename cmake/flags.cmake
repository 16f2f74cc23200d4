# Flags of every target of ours, as one interface target.

add_library(batchout-flags INTERFACE)
target_include_directories(batchout-flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_options(batchout-flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor
                       $<$<BOOL:${BATCHOUT_WERROR}>:-Werror> -fstack-protector-strong $<$<CONFIG:Release>:-fstack-clash-protection>)
target_link_options(batchout-flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
# g++ 12 sees overlapping copies in "text" + std::string when it optimizes (its bug 105651).
target_compile_options(batchout-flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
target_compile_definitions(batchout-flags INTERFACE BATCHOUT_VERSION="${PROJECT_VERSION}"
                           "$<$<CONFIG:Release>:_FORTIFY_SOURCE=3;_GLIBCXX_ASSERTIONS>")

set(BATCHOUT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
if(BATCHOUT_SANITIZE)
  target_compile_options(batchout-flags INTERFACE -fsanitize=${BATCHOUT_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=undefined)
  target_link_options(batchout-flags INTERFACE -fsanitize=${BATCHOUT_SANITIZE})
endif()
