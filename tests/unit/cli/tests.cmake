file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_cli SOURCES ${SOURCES} LIBS reseal_cli)
# The manual is compared with what --help says.
target_compile_definitions(unit_cli PRIVATE RESEAL_DOCS="${CMAKE_CURRENT_LIST_DIR}/../../../docs")
