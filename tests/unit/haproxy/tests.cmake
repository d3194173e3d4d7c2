file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_haproxy SOURCES ${SOURCES} LIBS reseal_haproxy)
target_compile_definitions(unit_haproxy PRIVATE RESEAL_DOCS="${CMAKE_CURRENT_LIST_DIR}/../../../docs")
