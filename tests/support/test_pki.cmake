# Certificates for tests; included by the rooms that need them.
include_guard(GLOBAL)
add_library(test_pki STATIC ${PROJECT_SOURCE_DIR}/tests/support/test_pki.cpp)
target_link_libraries(test_pki PUBLIC reseal_tls)
