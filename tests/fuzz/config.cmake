reseal_fuzz(config SOURCE ${CMAKE_CURRENT_LIST_DIR}/config.cpp LIBS reseal_config)
