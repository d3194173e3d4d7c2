reseal_fuzz(h2_client SOURCE ${CMAKE_CURRENT_LIST_DIR}/h2_client.cpp LIBS reseal_http)
