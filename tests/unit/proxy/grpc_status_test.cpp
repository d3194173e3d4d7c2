#include "lb/proxy/grpc_status.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;

TEST_CASE("a gRPC call is told by its content type, in HTTP/2 only") {
  struct Case {
    const char* type;
    bool expected;
  };
  for (const Case& c : {Case{"application/grpc", true},
                        {"application/grpc+proto", true},
                        {"Application/gRPC; charset=x", true},
                        {"application/grpc-web", false},
                        {"application/grpc-web+proto", false},
                        {"application/grpcx", false},
                        {"application/json", false},
                        {"application/grp", false},
                        {"", false}}) {
    INFO(c.type);
    BufferPool pool;
    http::RequestHead head(pool);
    CHECK_FALSE(is_grpc(head));
    head.version = http::Version::kHttp2;
    CHECK_FALSE(is_grpc(head));
    head.add(http::FieldName::kContentType, "content-type", c.type);
    CHECK(is_grpc(head) == c.expected);
    head.version = http::Version::kHttp11;
    CHECK_FALSE(is_grpc(head));
  }
}

TEST_CASE("a status is told as gRPC clients would read it") {
  struct Case {
    int http;
    int grpc;
  };
  for (const Case& c : {Case{400, 13},
                        {401, 16},
                        {403, 7},
                        {404, 12},
                        {408, 2},
                        {413, 2},
                        {429, 14},
                        {431, 2},
                        {500, 2},
                        {501, 2},
                        {502, 14},
                        {503, 14},
                        {504, 14}}) {
    INFO(c.http);
    CHECK(grpc_status(c.http) == c.grpc);
  }
}
