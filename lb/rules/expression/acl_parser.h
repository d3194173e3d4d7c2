// Reads one test of an ACL: a criterion, flags, patterns. Control thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "lb/rules/expression/compile_error.h"
#include "lb/rules/expression/condition.h"
#include "lb/rules/expression/environment.h"

namespace reseal::rules::expression {

class AclParser {
 public:
  /// Borrows both.
  AclParser(std::span<const std::string> words, const Environment& environment)
      : words_(words), environment_(environment) {}
  /// The word of an error counts from the first one of `words`.
  Compiled<AclTest> parse();

 private:
  Compiled<Expression> take_criterion();
  Compiled<void> take_flags();
  Compiled<void> take_match();
  Compiled<void> take_file();
  Compiled<void> choose_match();
  Compiled<void> take_patterns(AclTest& test);
  [[nodiscard]] std::unexpected<CompileError> error(std::string message) const;

  struct File {
    std::size_t word;
    bool ignore_case;
    bool is_map;
  };
  std::span<const std::string> words_;
  const Environment& environment_;
  std::size_t at_ = 0;
  Type type_ = Type::kAny;
  const MatcherRow* match_ = nullptr;
  bool ignore_case_ = false;
  bool as_map_ = false;
  bool of_versions_ = false;
  std::vector<File> files_;
};

/// The criterion, flags and patterns that an ACL of HAProxy's own stands for ("METH_GET"); empty if there is none.
std::span<const std::string_view> predefined_acl(std::string_view name);
std::vector<std::string> predefined_acl_names();

}  // namespace reseal::rules::expression
