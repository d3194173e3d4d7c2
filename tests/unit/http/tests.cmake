# lb/http: pure protocol, so everything here is tables and bytes in memory.
set(here ${CMAKE_CURRENT_LIST_DIR})
file(GLOB HTTP_TESTS CONFIGURE_DEPENDS ${here}/*_test.cpp)
# These are programs of their own, below.
list(FILTER HTTP_TESTS EXCLUDE REGEX "(allocations|second_opinion)_test.cpp$")
reseal_test(unit_http SOURCES ${HTTP_TESTS} LIBS reseal_http)

# Alone, since it replaces operator new.
reseal_test(unit_http_allocations
  SOURCES ${here}/allocations_test.cpp ${here}/h2_allocations_test.cpp ${PROJECT_SOURCE_DIR}/tests/support/counting_new.cpp
  LIBS reseal_http)

# A second opinion on the grammar: llhttp, from its generated C sources (Debian: node-llhttp).
find_path(LLHTTP_SOURCES llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)
find_path(LLHTTP_HEADERS llhttp.h PATHS /usr/share/include/llhttp PATH_SUFFIXES llhttp)
if(LLHTTP_SOURCES AND LLHTTP_HEADERS)
  add_library(llhttp_reference STATIC ${LLHTTP_SOURCES}/api.c ${LLHTTP_SOURCES}/http.c ${LLHTTP_SOURCES}/llhttp.c)
  target_include_directories(llhttp_reference SYSTEM PUBLIC ${LLHTTP_HEADERS})
  target_compile_definitions(llhttp_reference PUBLIC LLHTTP_STRICT_MODE=1)
  target_compile_options(llhttp_reference PRIVATE -w)
  reseal_test(unit_http_second_opinion
    SOURCES ${here}/second_opinion_test.cpp ${here}/llhttp_reader.cpp ${here}/message_mutator.cpp
    LIBS reseal_http llhttp_reference)
else()
  message(STATUS "Without the test unit_http_second_opinion: llhttp's sources are not installed (Debian: node-llhttp)")
endif()

# Compression, whose results are decoded by the libraries' own decoders; and cookies.
find_package(ZLIB REQUIRED)
pkg_check_modules(BROTLI_DECODER REQUIRED IMPORTED_TARGET libbrotlidec)
reseal_test(unit_http_compression
  SOURCES ${here}/coding_test.cpp ${here}/compression_policy_test.cpp ${here}/cookie_test.cpp ${here}/encoder_test.cpp
  LIBS reseal_http ZLIB::ZLIB PkgConfig::BROTLI_DECODER)
