# lb/http: pure protocol, so everything here is tables and bytes in memory.
set(here ${CMAKE_CURRENT_LIST_DIR})
reseal_test(unit_http
  SOURCES ${here}/body_framing_test.cpp ${here}/chunked_decoder_test.cpp ${here}/h1_client_test.cpp
          ${here}/h1_request_parser_test.cpp ${here}/h1_response_parser_test.cpp ${here}/h1_server_test.cpp
          ${here}/h1_server_refusals_test.cpp ${here}/h1_writer_test.cpp ${here}/message_test.cpp
          ${here}/sanitize_test.cpp
  LIBS reseal_http)

# Alone, since it replaces operator new.
reseal_test(unit_http_allocations SOURCES ${here}/allocations_test.cpp LIBS reseal_http)
