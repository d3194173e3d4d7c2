reseal_fuzz(h1_head SOURCE ${CMAKE_CURRENT_LIST_DIR}/h1_head.cpp LIBS reseal_http)
