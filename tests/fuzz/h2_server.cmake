reseal_fuzz(h2_server SOURCE ${CMAKE_CURRENT_LIST_DIR}/h2_server.cpp LIBS reseal_http)
