# cmake -DPLUGIN=file -DID=id -DNM=nm -DREADELF=readelf -P CheckPlugin.cmake
#
# Fails, and removes the plugin, unless it exports exactly its entry point and its identity note names ID.

function(refuse reason)
  file(REMOVE "${PLUGIN}")
  message(FATAL_ERROR "${PLUGIN}: ${reason}")
endfunction()

execute_process(COMMAND "${NM}" -D --defined-only --format=posix "${PLUGIN}"
  OUTPUT_VARIABLE listing ERROR_VARIABLE problem RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  refuse("${NM} failed: ${problem}")
endif()
string(REGEX MATCHALL "[^\n]+" lines "${listing}")
set(symbols "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" symbol "${line}")
  list(APPEND symbols "${symbol}")
endforeach()
if(NOT symbols STREQUAL "sluice_connector_entry")
  list(LENGTH symbols count)
  if(count EQUAL 0)
    refuse("exports nothing; put SLUICE_SOURCE, SLUICE_DESTINATION or SLUICE_CONNECTOR into one source file")
  endif()
  list(JOIN symbols ", " symbols)
  refuse("must export sluice_connector_entry alone, but exports: ${symbols}")
endif()

execute_process(COMMAND "${READELF}" --notes --wide "${PLUGIN}"
  OUTPUT_VARIABLE notes ERROR_VARIABLE problem RESULT_VARIABLE status)
if(NOT notes MATCHES "\n +Sluice ")
  refuse("carries no identity note that can be read ${problem}")
endif()
execute_process(COMMAND "${READELF}" --string-dump=.note.sluice "${PLUGIN}" OUTPUT_VARIABLE text)
if(NOT text MATCHES "\"id\":\"([a-z0-9_]*)\"")
  refuse("its identity note names no connector")
endif()
if(NOT CMAKE_MATCH_1 STREQUAL ID)
  refuse("kId is '${CMAKE_MATCH_1}', but sluice_add_connector calls it '${ID}': make them equal")
endif()
