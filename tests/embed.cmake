# cmake -DBUILD=... -DSOURCE=... -DCOMPILER=... -DTYPE=... -DGENERATOR=... -P embed.cmake: installs a build into a folder of its own, builds
# examples/embed against that package alone, and runs it.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(work ${BUILD}/embed)
file(REMOVE_RECURSE ${work})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE}/examples/embed -B ${work}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${work}/prefix
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${TYPE})
run(${CMAKE_COMMAND} --build ${work}/build)
file(COPY ${SOURCE}/examples/sessions/messages.ndjson DESTINATION ${work})
execute_process(COMMAND ${work}/build/embed WORKING_DIRECTORY ${work} COMMAND_ERROR_IS_FATAL ANY)

file(STRINGS ${work}/sessions.jsonl rows)
list(GET rows 0 first)
if(NOT first MATCHES "\"user_id\": ?\"user:")
  message(FATAL_ERROR "the program's own processor did not run, see ${work}/sessions.jsonl: ${first}")
endif()
