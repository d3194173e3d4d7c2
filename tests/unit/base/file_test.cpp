#include "lb/base/file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "tests/support/temporary_folder.h"

using namespace reseal;

TEST_CASE("a file is read as far as asked, bytes as they are") {
  const test::TemporaryFolder folder;
  const std::string file = folder.write("f", std::string("a\0\r\nb", 5));
  CHECK(read_at_most(file, 100) == std::string("a\0\r\nb", 5));
  CHECK(read_at_most(file, 5)->size() == 5);
  CHECK(read_at_most(file, 2) == std::string("a\0", 2));
  CHECK(read_at_most("/dev/zero", 1000)->size() == 1000);
}

TEST_CASE("what cannot be read says why") {
  const test::TemporaryFolder folder;
  CHECK(read_at_most(folder.path("none"), 10).error() == "cannot be read: No such file or directory");
  CHECK(read_at_most(folder.path(""), 10).error().starts_with("cannot be read: "));
}

TEST_CASE("a pipe is read to its end, and one that nobody writes to holds nobody up") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], "text", 4) == 4);
  ::close(ends[1]);
  CHECK(read_at_most("/dev/fd/" + std::to_string(ends[0]), 100) == "text");
  ::close(ends[0]);
  const test::TemporaryFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(read_at_most(pipe, 100).error().starts_with("cannot be read: it is a pipe"));
}
