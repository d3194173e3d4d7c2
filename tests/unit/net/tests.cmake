file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_net SOURCES ${SOURCES} LIBS reseal_net)
