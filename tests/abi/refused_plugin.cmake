# cmake -DPLUGIN=file -DID=id -DNM=nm -DREADELF=readelf -DCHECK=CheckPlugin.cmake -P refused_plugin.cmake
#
# Runs the check of sluice_add_connector on a copy, for the check removes what it refuses; prints its words.
set(copy "${PLUGIN}.refused")
configure_file("${PLUGIN}" "${copy}" COPYONLY)
execute_process(
  COMMAND "${CMAKE_COMMAND}" "-DPLUGIN=${copy}" "-DID=${ID}" "-DNM=${NM}" "-DREADELF=${READELF}" -P "${CHECK}"
  ERROR_VARIABLE words RESULT_VARIABLE status)
string(REGEX REPLACE "[ \n]+" " " words "${words}")
message("${words}")
if(status EQUAL 0 OR EXISTS "${copy}")
  message(FATAL_ERROR "the plugin was accepted")
endif()
