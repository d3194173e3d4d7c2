reseal_fuzz(log_format SOURCE ${CMAKE_CURRENT_LIST_DIR}/log_format.cpp LIBS reseal_stats nlohmann_json::nlohmann_json)
