reseal_fuzz(cookie SOURCE ${CMAKE_CURRENT_LIST_DIR}/cookie.cpp LIBS reseal_http)
