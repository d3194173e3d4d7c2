reseal_fuzz(haproxy_source SOURCE ${CMAKE_CURRENT_LIST_DIR}/haproxy_source.cpp LIBS reseal_haproxy)
