file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_rules SOURCES ${SOURCES} LIBS reseal_rules)
