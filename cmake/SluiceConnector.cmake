# sluice_add_connector(name SOURCES a.cpp … [LINK targets …] [INCLUDE directories …])
#
# Builds libsluice_<name>.so in SLUICE_PLUGIN_OUTPUT_DIRECTORY: a plugin that exports its entry point and nothing else,
# whatever it links. The build fails when the plugin exports more, or when its identity note names another connector
# than <name>. Targets: sluice_plugin_<name> (the plugin), sluice_plugin_<name>_objects (its classes, for tests in
# process; link at most one connector's objects into a program).
set(SLUICE_CONNECTOR_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")
if(NOT SLUICE_PLUGIN_OUTPUT_DIRECTORY)
  set(SLUICE_PLUGIN_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/sluice")
endif()

function(sluice_add_connector name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;INCLUDE" ${ARGN})
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "sluice_add_connector: '${name}' is no connector id ([a-z][a-z0-9_]*)")
  endif()
  if(NOT ARG_SOURCES)
    message(FATAL_ERROR "sluice_add_connector(${name}): SOURCES is empty")
  endif()
  set(objects sluice_plugin_${name}_objects)
  add_library(${objects} OBJECT ${ARG_SOURCES})
  set_target_properties(${objects} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${objects} PUBLIC ${ARG_INCLUDE})
  target_link_libraries(${objects} PUBLIC SluiceSdk::sdk ${ARG_LINK})

  list(LENGTH ARG_SOURCES count)
  if(COMMAND sluice_precompile AND count GREATER 3)
    sluice_precompile(${objects})
    sluice_unity(${objects})
  endif()

  set(plugin sluice_plugin_${name})
  set(exports "${SLUICE_CONNECTOR_CMAKE_DIR}/plugin_exports.map")
  set(check "${SLUICE_CONNECTOR_CMAKE_DIR}/CheckPlugin.cmake")
  add_library(${plugin} MODULE)
  set_target_properties(${plugin} PROPERTIES
    OUTPUT_NAME sluice_${name}
    LIBRARY_OUTPUT_DIRECTORY "${SLUICE_PLUGIN_OUTPUT_DIRECTORY}"
    LINK_DEPENDS "${exports};${check}")
  target_link_libraries(${plugin} PRIVATE ${objects})
  # nodelete: code that is still running, or that an exception still points to, must not vanish with a dlclose.
  target_link_options(${plugin} PRIVATE
    "LINKER:--version-script=${exports}" LINKER:--exclude-libs,ALL LINKER:-z,nodelete)
  # A sanitizer's runtime comes from the program that loads the plugin.
  if(NOT SLUICE_SANITIZE)
    target_link_options(${plugin} PRIVATE LINKER:--no-undefined)
  endif()
  if(TARGET sluice_options)
    target_link_libraries(${objects} PRIVATE sluice_options)
    target_link_libraries(${plugin} PRIVATE sluice_options)
  endif()
  add_custom_command(TARGET ${plugin} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" "-DPLUGIN=$<TARGET_FILE:${plugin}>" "-DID=${name}"
            "-DNM=${CMAKE_NM}" "-DREADELF=${CMAKE_READELF}" -P "${check}"
    VERBATIM)
endfunction()

# sluice_add_conformance_test(name SCENARIOS directory)
#
# A test, conformance.<name>, that tries the plugin of sluice_add_connector(name …) with sluice-conformance and the
# scenarios in the directory.
function(sluice_add_conformance_test name)
  cmake_parse_arguments(ARG "" "SCENARIOS" "" ${ARGN})
  if(NOT ARG_SCENARIOS)
    message(FATAL_ERROR "sluice_add_conformance_test(${name}): SCENARIOS is missing: the folder of *.yaml")
  endif()
  get_filename_component(scenarios "${ARG_SCENARIOS}" ABSOLUTE)
  add_test(NAME conformance.${name}
    COMMAND SluiceSdk::sluice-conformance "$<TARGET_FILE:sluice_plugin_${name}>" --scenarios "${scenarios}")
  # Programs of the project, such as its sandbox, are found where the project puts them.
  set_tests_properties(conformance.${name} PROPERTIES TIMEOUT 600
    ENVIRONMENT_MODIFICATION "PATH=path_list_prepend:${CMAKE_CURRENT_BINARY_DIR}")
endfunction()
