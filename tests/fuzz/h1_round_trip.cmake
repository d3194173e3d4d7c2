reseal_fuzz(h1_round_trip SOURCE ${CMAKE_CURRENT_LIST_DIR}/h1_round_trip.cpp LIBS reseal_http)
