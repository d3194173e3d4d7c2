reseal_fuzz(expression SOURCE ${CMAKE_CURRENT_LIST_DIR}/expression.cpp LIBS reseal_rules)
