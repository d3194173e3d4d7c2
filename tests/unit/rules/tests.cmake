file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp ${CMAKE_CURRENT_LIST_DIR}/expression/*_test.cpp
  ${CMAKE_CURRENT_LIST_DIR}/stick/*_test.cpp)
reseal_test(unit_rules SOURCES ${SOURCES} LIBS reseal_rules)
# Stick tables are shared by threads.
set_tests_properties(unit_rules PROPERTIES LABELS threads)

# Alone, since it replaces operator new.
reseal_test(unit_rules_allocations
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/expression/allocations.cpp ${PROJECT_SOURCE_DIR}/tests/support/counting_new.cpp
  LIBS reseal_rules)
