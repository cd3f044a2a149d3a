# Writes SOURCE, which holds every file of FOLDER; see SluiceEmbed.cmake.
set(types .html text/html .js text/javascript .css text/css .txt text/plain .svg image/svg+xml .png image/png
  .ico image/x-icon .json application/json .woff2 font/woff2)

# bytes(NAME file): adds `constexpr unsigned char NAME[]` to `arrays`.
macro(bytes name file)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  string(APPEND arrays "constexpr unsigned char ${name}[] = {\n${hex}};\n")
endmacro()

file(GLOB_RECURSE names RELATIVE "${FOLDER}" "${FOLDER}/*")
list(SORT names)
set(arrays "")
set(rows "")
set(count 0)
foreach(name IN LISTS names)
  if(name MATCHES "\\.gz$")
    continue()
  endif()
  get_filename_component(extension "${name}" LAST_EXT)
  list(FIND types "${extension}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${name}: no content type is known for ${extension}; add it to ${CMAKE_CURRENT_LIST_FILE}")
  endif()
  math(EXPR at "${at} + 1")
  list(GET types ${at} type)
  if(type MATCHES "^text/")
    string(APPEND type "; charset=utf-8")
  endif()
  file(SHA256 "${FOLDER}/${name}" hash)
  bytes(content${count} "${FOLDER}/${name}")
  set(packed "std::string_view{}")
  if(EXISTS "${FOLDER}/${name}.gz")
    bytes(gzip${count} "${FOLDER}/${name}.gz")
    set(packed "text(gzip${count})")
  endif()
  set(immutable false)
  if(name MATCHES "^assets/")
    set(immutable true)
  endif()
  string(APPEND rows "    {\"/${name}\", \"${type}\",\n     \"${hash}\",\n     text(content${count}), ${packed}, ${immutable}},\n")
  math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
  message(FATAL_ERROR "there is nothing to embed in ${FOLDER}")
endif()

file(WRITE "${SOURCE}" "// Made by cmake/EmbedFiles.cmake.
#include <array>
#include <cstddef>

#include \"web/assets.hpp\"

namespace sluice::web {
namespace {

${arrays}
template <std::size_t N>
std::string_view text(const unsigned char (&bytes)[N]) noexcept {
  return {reinterpret_cast<const char*>(bytes), N};
}

}  // namespace

std::span<const Asset> assets() noexcept {
  static const std::array<Asset, ${count}> all{{
${rows}  }};
  return all;
}

}  // namespace sluice::web
")
