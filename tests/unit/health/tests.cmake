file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*_test.cpp)
# The TLS server of these tests speaks to OpenSSL itself.
reseal_test(unit_health SOURCES ${SOURCES} ${CMAKE_CURRENT_LIST_DIR}/tls_server.cpp
            LIBS reseal_health OpenSSL::SSL)
