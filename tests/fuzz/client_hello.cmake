reseal_fuzz(client_hello SOURCE ${CMAKE_CURRENT_LIST_DIR}/client_hello.cpp LIBS reseal_tls)
