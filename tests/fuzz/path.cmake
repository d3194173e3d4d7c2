reseal_fuzz(path SOURCE ${CMAKE_CURRENT_LIST_DIR}/path.cpp LIBS reseal_http)
