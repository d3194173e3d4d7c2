reseal_fuzz(chunked SOURCE ${CMAKE_CURRENT_LIST_DIR}/chunked.cpp LIBS reseal_http)
