# Every third-party package, each justified in docs/dependencies.md. Names below are those of Debian 12.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers program_options)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(date REQUIRED)
find_package(zstd REQUIRED)
find_package(simdjson REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
# The server below the sandboxes; its pkg-config file carries the feature macros that its ABI depends on.
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
find_package(OpenSSL 3 REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
find_path(DTL_INCLUDE dtl/dtl.hpp REQUIRED)
find_package(ZLIB REQUIRED)

# Boost.DLL is header-only; with std::filesystem it needs no Boost.Filesystem.
add_library(sluice_dep_dll INTERFACE)
target_compile_definitions(sluice_dep_dll INTERFACE BOOST_DLL_USE_STD_FS)
target_link_libraries(sluice_dep_dll INTERFACE Boost::headers ${CMAKE_DL_LIBS})

if(SLUICE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
