file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_stats SOURCES ${SOURCES} LIBS reseal_stats)
# The metrics' documentation is compared with what is emitted.
target_compile_definitions(unit_stats PRIVATE RESEAL_DOCS="${CMAKE_CURRENT_LIST_DIR}/../../../docs")
# g++ 12 finds uninitialised memory in its own <regex> when it compiles for the sanitizers.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/prometheus_test.cpp ${CMAKE_CURRENT_LIST_DIR}/log_format_test.cpp PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
