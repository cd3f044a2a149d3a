# sluice_embed(OUT folder stamp): a C++ source, made whenever `stamp` is newer, that defines sluice::web::assets() with every
# file of `folder`. Its path is put into OUT. `x.gz` is the packed form of `x`. Interface: web/embed/web/assets.hpp.
set(SLUICE_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/EmbedFiles.cmake")

function(sluice_embed out folder stamp)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${out}.cpp")
  add_custom_command(OUTPUT "${source}"
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DSOURCE=${source} -P "${SLUICE_EMBED_SCRIPT}"
    DEPENDS "${stamp}" "${SLUICE_EMBED_SCRIPT}"
    COMMENT "Embedding ${folder}" VERBATIM)
  set(${out} "${source}" PARENT_SCOPE)
endfunction()
