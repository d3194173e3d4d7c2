file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
reseal_test(unit_proxy SOURCES ${SOURCES} LIBS reseal_proxy)
# The table of causes is compared with the code.
target_compile_definitions(unit_proxy PRIVATE RESEAL_DOCS="${CMAKE_CURRENT_LIST_DIR}/../../../docs")

# Alone, since it replaces operator new.
reseal_test(unit_proxy_allocations
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/request_rules_allocations.cpp ${PROJECT_SOURCE_DIR}/tests/support/counting_new.cpp
  LIBS reseal_proxy)
