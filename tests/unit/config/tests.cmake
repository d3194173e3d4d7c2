file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_config SOURCES ${SOURCES} LIBS reseal_config)
target_compile_definitions(unit_config PRIVATE RESEAL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
