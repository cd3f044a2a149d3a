# What `cmake --install` puts where, as two components, each a Debian package of `cpack`:
#   runtime      the programs, the connectors, the presets, what is written for those who run them
#   development  the SDK with its CMake package `SluiceSdk`, the testing kit, the sandboxes, the guide and its examples
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(SluiceDocs)

set(SLUICE_SDK_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/SluiceSdk")

# sluice_export(target NAME name INCLUDE directory): installs a static library of the SDK and its headers; out of tree
# it is SluiceSdk::<name>.
function(sluice_export target)
  cmake_parse_arguments(ARG "" "NAME;INCLUDE" "" ${ARGN})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ARG_NAME})
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${ARG_INCLUDE}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  install(TARGETS ${target} EXPORT SluiceSdk
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
  install(DIRECTORY "${ARG_INCLUDE}/sluice" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
endfunction()

# The rest, once every target exists. Programs look for plugins in ../lib/sluice and for presets in ../share/sluice,
# from where they themselves lie.
function(sluice_install)
  install(TARGETS sluice sluice-worker RUNTIME DESTINATION bin COMPONENT runtime)
  foreach(plugin activecampaign chargebee file)
    install(TARGETS sluice_plugin_${plugin} LIBRARY DESTINATION lib/sluice COMPONENT runtime)
  endforeach()
  install(DIRECTORY configs/presets configs/schema DESTINATION share/sluice COMPONENT runtime)
  install(DIRECTORY sdk/template/ DESTINATION share/sluice/templates COMPONENT development)
  install(FILES packaging/sluice.service DESTINATION lib/systemd/system COMPONENT runtime)
  install(FILES packaging/sluice.sysusers DESTINATION lib/sysusers.d RENAME sluice.conf COMPONENT runtime)
  sluice_install_docs()

  install(TARGETS sluice-sandbox sluice-sandbox-activecampaign sluice-sandbox-chargebee
    RUNTIME DESTINATION bin COMPONENT development)
  install(EXPORT SluiceSdk NAMESPACE SluiceSdk:: FILE SluiceSdkTargets.cmake
    DESTINATION "${SLUICE_SDK_CMAKE_DIR}" COMPONENT development)
  configure_package_config_file(cmake/SluiceSdkConfig.cmake.in "${CMAKE_BINARY_DIR}/SluiceSdkConfig.cmake"
    INSTALL_DESTINATION "${SLUICE_SDK_CMAKE_DIR}")
  # The API may change with every minor version until 1.0; the ABI has its own version (docs/abi.md).
  write_basic_package_version_file("${CMAKE_BINARY_DIR}/SluiceSdkConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${CMAKE_BINARY_DIR}/SluiceSdkConfig.cmake" "${CMAKE_BINARY_DIR}/SluiceSdkConfigVersion.cmake"
    cmake/SluiceConnector.cmake cmake/CheckPlugin.cmake cmake/plugin_exports.map
    DESTINATION "${SLUICE_SDK_CMAKE_DIR}" COMPONENT development)
endfunction()

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_PACKAGE_NAME sluice)
set(CPACK_PACKAGE_VENDOR Sluice)
set(CPACK_PACKAGE_CONTACT "The Sluice maintainers <maintainers@sluice.invalid>")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME sluice)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "moves records between systems
 A host that loads a source and a destination connector, reads one YAML file
 and runs check, validate, initial, full and incremental between them.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_DEPENDS "ca-certificates, tzdata")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME sluice-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "what the author of a Sluice connector needs
 The SDK as headers, static libraries and a CMake package, the testing kit,
 and the sandboxes of the vendors' APIs.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "sluice (= ${PROJECT_VERSION}), g++, cmake, ninja-build, pkg-config, libboost1.81-dev, libcurl4-openssl-dev, libcpp-httplib-dev, libssl-dev, libbrotli-dev, libgtest-dev, libgmock-dev, zlib1g-dev")
include(CPack)
