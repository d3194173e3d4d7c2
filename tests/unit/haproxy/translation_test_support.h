// What tests of the translation share: a text in, what comes of it out.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "lb/haproxy/conversion.h"
#include "lb/haproxy/translation.h"

namespace reseal::haproxy::test {

inline Translated translated(const std::string& text) {
  return translate(read_text(text, "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
}

inline config::Configuration loaded(const std::string& text) {
  Translated result = translated(text);
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  // What it says can be said in YAML, too; which wants something to be served.
  if (!result.configuration->frontends.empty()) {
    const Converted again =
        convert(read_text(text, "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
    for (const config::Problem& problem : again.problems) UNSCOPED_INFO(config::render(problem));
    UNSCOPED_INFO(text);
    CHECK_FALSE(again.yaml.empty());
  }
  return *result.configuration;
}

/// The messages of all problems, one a line, each with its place.
inline std::string problems_of(const std::string& text) {
  const Translated result = translated(text);
  CHECK_FALSE(result.configuration);
  std::string all;
  for (const config::Problem& problem : result.problems) {
    all += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
           problem.message + "\n";
  }
  return all;
}

inline std::string notices_of(const std::string& text) {
  std::string all;
  for (const Notice& notice : translated(text).notices)
    all += std::to_string(notice.place.line) + " " + notice.text + "\n";
  return all;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// One frontend and one backend with these lines.
inline std::string site(const std::string& frontend, const std::string& backend) {
  return "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 40s\n"
         "frontend web\n bind *:8080\n default_backend app\n" +
         frontend + "backend app\n" + backend + " server a 10.0.0.1:80\n server b 10.0.0.2:81\n";
}

}  // namespace reseal::haproxy::test
