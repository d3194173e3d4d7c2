find_package(ZLIB REQUIRED)
pkg_check_modules(BROTLI_DECODER REQUIRED IMPORTED_TARGET libbrotlidec)
reseal_fuzz(coding SOURCE ${CMAKE_CURRENT_LIST_DIR}/coding.cpp LIBS reseal_http ZLIB::ZLIB PkgConfig::BROTLI_DECODER)
