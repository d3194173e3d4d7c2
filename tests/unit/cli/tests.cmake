file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_cli SOURCES ${SOURCES} LIBS reseal_cli)
# The manual is compared with what --help says.
target_compile_definitions(unit_cli PRIVATE RESEAL_DOCS="${CMAKE_CURRENT_LIST_DIR}/../../../docs")
# g++ 12 finds uninitialised memory in its own <regex> when it compiles for the sanitizers.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/command_line_test.cpp PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
