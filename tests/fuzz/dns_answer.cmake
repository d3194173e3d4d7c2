reseal_fuzz(dns_answer SOURCE ${CMAKE_CURRENT_LIST_DIR}/dns_answer.cpp LIBS reseal_net)
