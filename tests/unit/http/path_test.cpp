#include "lb/http/path.h"

#include <catch2/catch.hpp>

namespace reseal::http::test {
namespace {

/// "-": refused.
std::string normal(std::string_view target, const PathPolicy& policy = {}) {
  BufferPool pool;
  Arena arena(pool);
  const auto result = normal_target(target, policy, arena);
  if (!result) CHECK(result.error().code == Code::kAmbiguousRequest);
  return result ? std::string(*result) : "-";
}

std::string compared(std::string_view path) {
  BufferPool pool;
  Arena arena(pool);
  return std::string(compared_path(path, arena));
}

constexpr PathPolicy kKeepAll{.keep_encoded_slash = true, .keep_backslash = true};

TEST_CASE("every spelling of a path has one normal form") {
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"*", "*"},
      {"/admin", "/admin"},
      {"/%61dmin", "/admin"},
      {"/%41%5a%7E%2d%5F%2e%30", "/AZ~-_.0"},
      {"/caf%c3%a9", "/caf%C3%A9"},
      {"/a%20b%3f", "/a%20b%3F"},
      {"//admin", "/admin"},
      {"///a////b//", "/a/b/"},
      {"/./admin", "/admin"},
      {"/admin/.", "/admin/"},
      {"/x/../admin", "/admin"},
      {"/x/%2e%2E/admin", "/admin"},
      {"/x/.%2e/%2e/admin", "/admin"},
      {"/a/b/c/../../d", "/a/d"},
      {"/a/b/..", "/a/"},
      {"/a/..", "/"},
      {"/a//../b", "/b"},
      {"/a/.../b", "/a/.../b"},
      {"/.well-known/x", "/.well-known/x"},
      {"/..a/.b./c..", "/..a/.b./c.."},
      {"/a;v=1/b;w", "/a;v=1/b;w"},
      {"/;x/a", "/;x/a"},
      {"/a%3bv/b", "/a%3Bv/b"},
      {"/%252e%252e/a", "/%252e%252e/a"},
      {"/a?b//../%zz\\%2f", "/a?b//../%zz\\%2f"},
      {"//a?b//c", "/a?b//c"},
      {"/?", "/?"},
      {"/..?x", "-"},
      {"/..", "-"},
      {"/../admin", "-"},
      {"/a/../../b", "-"},
      {"/%2e%2e/a", "-"},
      {"//../a", "-"},
      {"/x/..;/admin", "-"},
      {"/x/..;a=b/admin", "-"},
      {"/x/.;/admin", "-"},
      {"/x/..;", "-"},
      {"/x/%2e%2e%3b/admin", "-"},
      {"/x/..%3B/admin", "-"},
      {"/x%2fy", "-"},
      {"/x%2Fy", "-"},
      {"/x\\y", "-"},
      {"/x%5cy", "-"},
      {"/x%00", "-"},
      {"/x%", "-"},
      {"/x%4", "-"},
      {"/x%4g", "-"},
      {"/x%g4", "-"},
      {"/x%?41", "-"},
  };
  for (const auto& [target, expected] : cases) {
    INFO(target);
    CHECK(normal(target) == expected);
  }
}

TEST_CASE("what is kept of slashes and backslashes hides no dot segment") {
  const std::pair<const char*, const char*> cases[] = {
      {"/x%2fy%5cz\\", "/x%2Fy%5Cz\\"},
      {"/x%2f..%2fy", "-"},
      {"/..%2fy", "-"},
      {"/x/..%5C", "-"},
      {"/x%2f.", "-"},
      {"/x\\..\\y", "-"},
      {"/x%2F..;a", "-"},
      {"/x%2F...", "/x%2F..."},
      {"/x%2Fa/../y", "/y"},
      {"/%2F/a", "/%2F/a"},
      {"/%00", "-"},
      {"/%2", "-"},
  };
  for (const auto& [target, expected] : cases) {
    INFO(target);
    CHECK(normal(target, kKeepAll) == expected);
  }
  CHECK(normal("/x%2fy", {.keep_encoded_slash = true}) == "/x%2Fy");
  CHECK(normal("/x%5cy", {.keep_encoded_slash = true}) == "-");
  CHECK(normal("/x\\y%5c", {.keep_backslash = true}) == "/x\\y%5C");
  CHECK(normal("/x%2fy", {.keep_backslash = true}) == "-");
}

TEST_CASE("a target in normal form is not copied") {
  BufferPool pool;
  Arena arena(pool);
  for (const std::string_view target :
       {"/", "/api/v1/items/12345?sort=asc&x=%2f//", "/a%20b/caf%C3%A9/.well-known/..x/a;b"}) {
    const auto result = normal_target(target, {}, arena);
    REQUIRE(result);
    CHECK(result->data() == target.data());
  }
  CHECK(pool.in_use() == 0);
}

TEST_CASE("rules see a path decoded, without parameters and with one kind of slash") {
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"/admin", "/admin"},
      {"/%40admin", "/@admin"},
      {"/caf%C3%A9", "/caf\xc3\xa9"},
      {"/admin;v=1/x;", "/admin/x"},
      {"/;x/admin", "/admin"},
      {"/admin%3Bv/x", "/admin/x"},
      {"/%2Fadmin%2F%2Fx", "/admin/x"},
      {"/admin\\x%5Cy", "/admin/x/y"},
      {"/%252e", "/%2e"},
      {"/a;b%2Fc", "/a/c"},
  };
  for (const auto& [path, expected] : cases) {
    INFO(path);
    CHECK(compared(path) == expected);
  }
}

TEST_CASE("a prefix is whole segments") {
  CHECK(has_path_prefix("/api", "/api"));
  CHECK(has_path_prefix("/api/x", "/api"));
  CHECK(has_path_prefix("/api/x", "/api/"));
  CHECK(has_path_prefix("/x", "/"));
  CHECK_FALSE(has_path_prefix("/apix", "/api"));
  CHECK_FALSE(has_path_prefix("/api", "/api/"));
  CHECK_FALSE(has_path_prefix("/a", "/api"));
}

TEST_CASE("a prefix is taken off however the path is spelled") {
  struct Case {
    const char* path;
    const char* prefix;
    std::optional<std::string_view> left;
  };
  for (const Case& c : {Case{"/api/x", "/api", "/x"},
                        {"/api/x", "/api/", "/x"},
                        {"/api", "/api", "/"},
                        {"/api/", "/api", "/"},
                        {"/x", "/", "/x"},
                        {"/apix", "/api", std::nullopt},
                        {"/ap", "/api", std::nullopt},
                        {"/x", "/api", std::nullopt},
                        {"/%40me/x%20y", "/@me", "/x%20y"},
                        {"/api;v=1/x;w=2", "/api", "/x;w=2"},
                        {"/api;v=1", "/api", "/"},
                        {"/api%2Fx", "/api", std::nullopt}}) {
    INFO(c.path << " without " << c.prefix);
    CHECK(without_path_prefix(c.path, c.prefix) == c.left);
  }
}

TEST_CASE("a path of a configuration is compared in the same form") {
  CHECK(compared_pattern("/caf%c3%a9/%61//b/../c").value() == "/caf\xc3\xa9/a/c");
  CHECK_FALSE(compared_pattern("/%zz"));
  CHECK_FALSE(compared_pattern("/../x"));
}

}  // namespace
}  // namespace reseal::http::test
