reseal_fuzz(rdp_cookie SOURCE ${CMAKE_CURRENT_LIST_DIR}/rdp_cookie.cpp LIBS reseal_rules)
