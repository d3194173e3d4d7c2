#include "lb/haproxy/source.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace reseal::haproxy;
using reseal::config::has_error;
using reseal::config::Problem;
using reseal::config::Severity;

namespace {

Source read(std::string_view text) {
  return read_text(text, "t.cfg", {}, own_abilities("OpenSSL 3.0.19"));
}

/// "LINE:COLUMN: error: MESSAGE" of each.
std::vector<std::string> told(const Source& source) {
  std::vector<std::string> all;
  for (const Problem& problem : source.problems) {
    all.push_back(std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + ": " +
                  (problem.severity == Severity::kError ? "error: " : "warning: ") + problem.message);
  }
  return all;
}

std::string said(const Source& source) {
  std::string all;
  for (const Notice& notice : source.notices) all += (all.empty() ? "" : "|") + notice.text;
  return all;
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reseal-cfg-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  std::string add(const std::string& name, std::string_view text) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::string path_;
};

Source read_paths(const std::vector<std::string>& paths) {
  return read_files(paths, {}, own_abilities(""));
}

}  // namespace

TEST_CASE("sections have their lines, and lines their words and places") {
  const Source source = read(
      "# comment\n"
      "global\r\n"
      "  daemon\n"
      "\n"
      "frontend web  # all\n"
      "\tbind \"*:80\" name x\n"
      "    default_backend app");
  CHECK(told(source).empty());
  REQUIRE(source.sections.size() == 2);
  CHECK(source.sections[0].kind == SectionKind::kGlobal);
  CHECK(source.sections[0].name.empty());
  REQUIRE(source.sections[0].lines.size() == 1);
  const Section& web = source.sections[1];
  CHECK(name_of(web.kind) == "frontend");
  CHECK(web.name == "web");
  CHECK(web.head.place == reseal::config::Place{5, 1});
  REQUIRE(web.lines.size() == 2);
  CHECK(web.lines[0].place == reseal::config::Place{6, 2});
  CHECK(web.lines[0].words[1].text == "*:80");
  CHECK(web.lines[0].words[1].column == 7);
  CHECK(web.lines[0].words[1].quoted);
  const Problem problem = problem_at(source, web.lines[1], &web.lines[1].words[1], Severity::kWarning, "why");
  CHECK(reseal::config::render(problem) ==
        "t.cfg:7:21: warning: why\n        default_backend app\n                        ^\n");
}

TEST_CASE("every kind of section is found by its name") {
  for (const std::string& name : section_names()) {
    INFO(name);
    REQUIRE(section_kind(name));
    CHECK(name_of(*section_kind(name)) == name);
    const Source source = read(name + (name == "global" || name == "traces" ? "" : " x") + "\n");
    CHECK(told(source).empty());
    REQUIRE(source.sections.size() == 1);
  }
  CHECK_FALSE(section_kind("Global"));
}

TEST_CASE("the last defaults section holds, unless one is named") {
  const Source source = read(
      "backend zero\n"
      "defaults\n"
      "backend one\n"
      "defaults named\n"
      "backend two\n"
      "defaults other from named\n"
      "listen three\n"
      "frontend four from other\n"
      "defaults from other\n"
      "frontend five\n");
  const auto holding = [&source](std::size_t section) {
    const auto index = source.sections[section].defaults;
    return index ? static_cast<int>(*index) : -1;
  };
  CHECK(holding(0) == -1);
  CHECK(holding(1) == -1);
  CHECK(holding(2) == 1);
  CHECK(holding(3) == -1);
  CHECK(holding(4) == 3);
  CHECK(holding(5) == 3);
  CHECK(holding(6) == 5);
  CHECK(holding(7) == 5);
  CHECK(source.sections[8].name.empty());
  CHECK(holding(8) == 5);
  CHECK(holding(9) == 8);
  // 'named' and 'other' each hold in both ways.
  CHECK(source.problems.size() == 2);
  CHECK_FALSE(has_error(source.problems));
}

TEST_CASE("heads of sections are judged as HAProxy does") {
  struct Case {
    std::string_view text;
    std::string_view expected;  // empty: nothing is wrong
  };
  const Case cases[] = {
      {"frontend\n", "1:1: error: 'frontend' needs a name"},
      {"peers \"\"\n", "1:1: error: 'peers' needs a name"},
      {"frontend a/b\n", "1:10: error: character '/' is not permitted in the name 'a/b'"},
      {"userlist a/b\n", "1:10: error: character '/'"},
      {"cache a/b\n", ""},
      {"defaults a/b\n", ""},
      {"defaults a/b\nbackend x from a/b\n", "2:16: error: character '/'"},
      {"global a\n", "1:8: error: unexpected 'a' after the section 'global'"},
      {"frontend a :80\n", "1:12: error: unexpected ':80' after frontend 'a'; addresses to listen at"},
      {"frontend a from\n", "1:12: error: 'from' needs the name"},
      {"defaults a from\n", "1:12: warning: 'from' needs the name"},
      {"frontend a from b\n", "1:17: error: no defaults section 'b' stands before this line"},
      {"defaults tcp\nfrontend a from tpc\n",
       "2:17: error: no defaults section 'tpc' stands before this line; did"},
      {"defaults a\ndefaults a\nbackend x from a\n",
       "3:16: error: the defaults section 'a' is not unique: t.cfg:1 and t.cfg:2"},
      {"resolvers a b\n", "1:13: warning: unexpected 'b' after resolvers 'a'; it is ignored"},
      {"backend a\nbackend a\n", "2:9: error: backend 'a' has the same name as backend 'a' at t.cfg:1"},
      {"frontend a\nbackend a\n", ""},
      {"frontend a\nlisten a\n", "2:8: error: listen 'a' has the same name as frontend 'a' at t.cfg:1"},
      {"listen a\nbackend a\n", "2:9: error: backend 'a' has the same name as listen 'a' at t.cfg:1"},
      {"log-forward a\nbackend a\n", "2:9: error: backend 'a' has the same name"},
      {"userlist a\nuserlist a\n",
       "2:10: warning: userlist 'a' has the same name as userlist 'a' at t.cfg:1; it is ignored"},
      {"peers a\nmailers a\n", ""},
      {"[scope]\n", ""},
      {"[\n", "1:1: error: a scope needs a name"},
      {"frontnd a\n bind :80\n mode http\n",
       "1:1: error: unknown keyword 'frontnd' outside of any section; did you mean 'frontend'?"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto problems = told(read(c.text));
    REQUIRE(problems.size() == (c.expected.empty() ? 0 : 1));
    if (!c.expected.empty()) CHECK_THAT(problems[0], Catch::StartsWith(std::string(c.expected)));
  }
}

TEST_CASE("blocks count or not by their conditions") {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const Case cases[] = {
      {".if 1\n.notice a\n.endif\n.notice b\n", "a|b"},
      {".if 0\n.notice a\n.else\n.notice b\n.endif\n", "b"},
      {".if 0\n.notice a\n.elif 1\n.notice b\n.elif 1\n.notice c\n.else\n.notice d\n.endif\n", "b"},
      {".if 0\n.if 1\n.notice a\n.else\n.notice b\n.endif\n.else\n.notice c\n.endif\n", "c"},
      {".if 1\n.if 0\n.elif foo(\n.endif\n.endif\n.notice a\n", "a"},
      {".if 1\n.notice a\n.elif what is this\n.notice b\n.endif\n", "a"},
      {".if foo\n.notice a\n.elif 1\n.notice b\n.else\n.notice c\n.endif\n.notice d\n", "d"},
      {".if\n.notice a\n.else\n.notice b\n.endif # c\n", "b"},
      {"\".notice\" \"${.LINE}${.SECTION}\"\nbackend x\n.notice \"${.LINE}${.SECTION}${.FILE}\"\n",
       "1|3xt.cfg"},
      {"backend x\n.notice \"${.SECTION}\"\ndefaults\n.notice \"${.SECTION}\"\n", "x|defaults"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    CHECK(said(read(c.text)) == c.expected);
  }
  const Source source = read("backend a\n.if 0\n server x :1\n.else\n server y :1\n.endif\n");
  REQUIRE(source.sections[0].lines.size() == 1);
  CHECK(source.sections[0].lines[0].words[1].text == "y");
  CHECK(read(".diag x\n").notices[0].diagnostic);
}

TEST_CASE("directives are judged as HAProxy does") {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  const Case cases[] = {
      {".endif\n", "1:1: error: '.endif' without '.if'"},
      {".else\n", "1:1: error: '.else' without '.if'"},
      {".elif 1\n", "1:1: error: '.elif' without '.if'"},
      {".if 1\n.else\n.else\n.endif\n", "3:1: error: '.else' after '.else'"},
      {".if 1\n.else\n.elif 1\n.endif\n", "3:1: error: '.elif' after '.else'"},
      {".if 1\n", "1:1: error: this '.if' has no '.endif'"},
      {".if 1\n.endif x\n", "2:8: error: unexpected 'x' after '.endif'"},
      {"  .if 1 && foo(x)\n.endif\n", "1:12: error: unknown predicate 'foo'"},
      {".if streq(\"a b\",a b c)\n.endif\n.if defined(A) \"x\n", "3:16: error: this quote is not closed"},
      {".fi\n", "1:1: error: unknown directive '.fi'; did you mean '.if'?"},
      {".xyzzy\n", "1:1: error: unknown directive '.xyzzy'; accepted are .if,"},
      {".notice a b\n", "1:11: error: unexpected 'b'; a message with blanks needs quotes"},
      {".alert \"no way\"\n", "1:1: error: no way"},
      {".warning \"hm\"\n", "1:1: warning: hm"},
      {".alert\n", "1:1: error: .alert without a message"},
      {".if 0\n.alert x\n.fi\n.notice a b\n.endif\n", ""},
      {".if 0\n \"x\n.endif\n", "2:2: error: this quote is not closed"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto problems = told(read(c.text));
    REQUIRE(problems.size() == (c.expected.empty() ? 0 : 1));
    if (!c.expected.empty()) CHECK_THAT(problems[0], Catch::StartsWith(std::string(c.expected)));
  }
}

TEST_CASE("blocks may nest a hundred deep") {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += ".if 1\n";
    text += ".notice inside\n";
    for (int i = 0; i < depth; ++i) text += ".endif\n";
    return text + ".notice behind\n";
  };
  CHECK(said(read(nested(100))) == "inside|behind");
  CHECK(told(read(nested(100))).empty());
  CHECK(said(read(nested(1000))) == "behind");
  CHECK(told(read(nested(1000))) == std::vector<std::string>{"101:1: error: more than 100 nested '.if'"});
}

TEST_CASE("global changes the variables of what follows") {
  struct Case {
    std::string_view text;
    std::string_view expected;
    std::string_view problem;
  };
  const Case cases[] = {
      {"global\n setenv A b\n.notice \"$A\"\n setenv A \"$A$A\"\n.notice \"$A\"\n", "b|bb", ""},
      {"global\n presetenv A b\n presetenv A c\n.notice \"$A\"\n", "b", ""},
      {"global\n setenv A b\n unsetenv A\n.notice \"<$A>\"\n", "<>", ""},
      {"global\n setenv A b\n setenv B c\n resetenv A X\n.notice \"$A<$B>${.SECTION}\"\n", "b<>global", ""},
      {"global\n localpeer me\n.notice \"$HAPROXY_LOCALPEER\"\n", "me", ""},
      {"backend x\n setenv A b\n.notice \"<$A>\"\n", "<>", ""},
      {"global\n.if 0\n setenv A b\n.endif\n.notice \"<$A>\"\n", "<>", ""},
      {"global\n setenv A\n", "", "2:2: error: 'setenv' needs a name and a value"},
      {"global\n setenv A \"\"\n", "", "2:2: error: 'setenv' needs a name and a value"},
      {"global\n setenv A b c\n.notice \"$A\"\n", "b", "2:13: warning: unexpected 'c'"},
      {"global\n setenv A b c d\n", "", "2:13: error: unexpected 'c'"},
      {"global\n setenv A=B c\n", "", "2:9: error: 'A=B' cannot be a variable's name"},
      {"global\n setenv .LINE c\n", "", "2:9: error: '.LINE' cannot be a variable's name"},
      {"global\n unsetenv\n", "", "2:2: error: 'unsetenv' needs at least one"},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const Source source = read(c.text);
    CHECK(said(source) == c.expected);
    REQUIRE(source.problems.size() == (c.problem.empty() ? 0 : 1));
    if (!c.problem.empty()) CHECK_THAT(told(source)[0], Catch::StartsWith(std::string(c.problem)));
  }
  const Source source = read("global\n setenv A b\n");
  CHECK(source.environment.find("A") == "b");
  CHECK_FALSE(source.environment.find(".LINE"));
}

TEST_CASE("files follow each other, and folders are their files in order") {
  const Folder folder;
  folder.add("b.cfg", "backend b\n.notice \"${.FILE}\"\n");
  folder.add("B.cfg", "defaults\n.notice x\n");
  folder.add(".hidden.cfg", "junk\n");
  folder.add("notes.txt", "junk\n");
  std::filesystem::create_directory(folder.path() + "/sub.cfg");
  const Source source = read_paths({folder.path()});
  CHECK(told(source).empty());
  CHECK(said(source) == "x|" + folder.path() + "/b.cfg");
  REQUIRE(source.files.size() == 2);
  REQUIRE(source.sections.size() == 2);
  CHECK(source.sections[1].defaults == 0);  // defaults go on to hold in the next file
  CHECK(source.sections[1].head.file == 1);
  CHECK(source.environment.find("HAPROXY_CFGFILES") == folder.path() + "/B.cfg;" + folder.path() + "/b.cfg");
}

TEST_CASE("neither sections nor blocks go on in the next file") {
  const Folder folder;
  const std::string first = folder.add("1.cfg", "global\n.if 1\n");
  const std::string second = folder.add("2.cfg", "\xef\xbb\xbf daemon\n.endif\nbackend a\n");
  const Source source = read_paths({first, second});
  REQUIRE(source.problems.size() == 3);
  CHECK(source.problems[0].message == "this '.if' has no '.endif'");
  CHECK(source.problems[0].file == first);
  CHECK(source.problems[0].line_text == ".if 1");
  CHECK_THAT(source.problems[1].message,
             Catch::StartsWith("unknown keyword 'daemon' outside of any section"));
  CHECK(source.problems[1].file == second);
  CHECK(source.problems[1].line_text == " daemon");
  CHECK(source.problems[2].message == "'.endif' without '.if'");
  CHECK(source.sections.size() == 2);
}

TEST_CASE("what cannot be read is told, and the rest is read") {
  const Folder folder;
  const std::string good = folder.add("good.cfg", "backend a\n");
  const std::string large = folder.add("large.cfg", std::string(8 * 1024 * 1024 + 1, '\n'));
  const Source source = read_paths({folder.path() + "/nope.cfg", good, large});
  REQUIRE(source.problems.size() == 2);
  CHECK(source.problems[0].file == folder.path() + "/nope.cfg");
  CHECK_THAT(source.problems[1].message, Catch::Contains("larger than 8 MiB"));
  CHECK(source.sections.size() == 1);
  CHECK(has_error(read_paths({"/dev/zero"}).problems));
  CHECK(read_paths({"/dev/null"}).problems.empty());
  CHECK(read_paths({}).sections.empty());
}

TEST_CASE("neither problems nor words grow without bound") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "\"\n";
  CHECK(read(text).problems.size() == 1000);
  text.clear();
  for (int i = 0; i < 5000; ++i) text += "frontend a b\n";
  CHECK(read(text).problems.size() == 1000);
  text = "global\n setenv A " + std::string(60'000, 'a') + "\n";
  for (int i = 0; i < 2000; ++i) text += "x \"$A\"\n";
  const Source large = read(text);
  REQUIRE(large.problems.size() == 1);
  CHECK_THAT(large.problems[0].message, Catch::Contains("too large"));
  CHECK(large.sections[0].lines.size() < 1200);
  text = "global\n";
  for (int i = 0; i < 40'000; ++i) text += "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a\n";
  CHECK(has_error(read(text).problems));
}
