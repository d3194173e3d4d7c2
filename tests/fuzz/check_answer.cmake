reseal_fuzz(check_answer SOURCE ${CMAKE_CURRENT_LIST_DIR}/check_answer.cpp LIBS reseal_health)
