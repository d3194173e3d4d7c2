reseal_fuzz(h1_relay SOURCE ${CMAKE_CURRENT_LIST_DIR}/h1_relay.cpp LIBS reseal_http)
