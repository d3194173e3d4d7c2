include(${PROJECT_SOURCE_DIR}/tests/support/test_pki.cmake)
file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
reseal_test(unit_tls SOURCES ${SOURCES} LIBS reseal_tls test_pki)
# OpenSSL's macros expand to C casts.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/tls_test_support.cpp PROPERTIES COMPILE_OPTIONS -Wno-old-style-cast)
