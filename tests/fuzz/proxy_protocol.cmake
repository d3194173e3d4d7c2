reseal_fuzz(proxy_protocol SOURCE ${CMAKE_CURRENT_LIST_DIR}/proxy_protocol.cpp LIBS reseal_net)
