reseal_fuzz(agent_reply SOURCE ${CMAKE_CURRENT_LIST_DIR}/agent_reply.cpp LIBS reseal_health)
