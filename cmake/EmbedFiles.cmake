# Text files as a function of the program: what a page needs travels in the binary.
#
#   bteval_embed(TARGET bteval_reports NAMESPACE bteval::reports FUNCTION page_style HEADER "reports/page_assets.h"
#                FILES a.css b.css)
#
# defines `std::string_view bteval::reports::page_style()`, declared in HEADER: the files' texts, one behind the other,
# inside one strict function where SCRIPT is given. No files: an empty text. The text is generated while building, and
# again when a file changes; it is never part of the checkout.
#
# Carriage returns go, as they do where a browser reads a page (the digests of inline scripts are taken from what it
# reads). A text that would end the element that it stands in stops the build.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "")
  string(REPLACE "|" ";" FILES "${FILES}")
  foreach(name IN LISTS FILES)
    file(READ "${name}" content)
    string(REPLACE "\r" "" content "${content}")
    string(APPEND text "${content}")
  endforeach()
  if(SCRIPT)
    set(text "(() => {\n\"use strict\";\n${text}})();\n")
  endif()
  string(TOLOWER "${text}" lower)
  foreach(mark "</script" "</style" "<!--" ")bteval_text\"")
    string(FIND "${lower}" "${mark}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${FILES}: ${mark} cannot be embedded in a page")
    endif()
  endforeach()
  file(WRITE "${OUTPUT}"
    "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nnamespace {\n\nconstexpr char kText[] =\n"
    "    R\"bteval_text(${text})bteval_text\";\n\n}  // namespace\n\n"
    "std::string_view ${FUNCTION}() { return {kText, sizeof kText - 1}; }\n\n}  // namespace ${NAMESPACE}\n")
  return()
endif()

set(BTEVAL_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")
function(bteval_embed)
  cmake_parse_arguments(ARG "SCRIPT" "TARGET;NAMESPACE;FUNCTION;HEADER" "FILES" ${ARGN})
  set(output "${PROJECT_BINARY_DIR}/generated/embedded/${ARG_FUNCTION}.cpp")
  set(files)
  foreach(name IN LISTS ARG_FILES)
    get_filename_component(name "${name}" ABSOLUTE)
    list(APPEND files "${name}")
  endforeach()
  list(JOIN files "|" joined)
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${joined}" "-DOUTPUT=${output}" "-DHEADER=${ARG_HEADER}"
      "-DNAMESPACE=${ARG_NAMESPACE}" "-DFUNCTION=${ARG_FUNCTION}" "-DSCRIPT=${ARG_SCRIPT}"
      -P "${BTEVAL_EMBED_SCRIPT}"
    DEPENDS ${files} "${BTEVAL_EMBED_SCRIPT}"
    COMMENT "Embedding ${ARG_FUNCTION}" VERBATIM)
  target_sources(${ARG_TARGET} PRIVATE "${output}")
  bteval_compile_apart("${output}")
endfunction()
