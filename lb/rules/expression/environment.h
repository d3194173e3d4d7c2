// What compiled text may refer to. Control thread; borrowed while compiling.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/argument.h"
#include "lb/rules/expression/variables.h"

namespace reseal::rules::expression {

/// Reads the files that patterns and maps are in.
class FileReader {
 public:
  virtual ~FileReader() = default;
  /// The whole file; the error says why it cannot be had.
  virtual std::expected<std::string, std::string> read(const std::string& path) = 0;
};

/// Knows the stick tables of the configuration.
class TableFinder {
 public:
  virtual ~TableFinder() = default;
  /// Null: there is none of that name.
  virtual std::shared_ptr<stick::Table> find(std::string_view name) = 0;
  /// That of the section that is compiled; null: it has none.
  virtual std::shared_ptr<stick::Table> own() = 0;
};

class UserList;

/// Knows the lists of users of the configuration.
class UserListFinder {
 public:
  virtual ~UserListFinder() = default;
  /// Null: there is none of that name.
  virtual std::shared_ptr<const UserList> find(std::string_view name) const = 0;
};

class Compiler;
class PatternFiles;
class ProxyFinder;

struct Environment {
  VariableNames* variables = nullptr;          ///< null: variables are refused
  FileReader* files = nullptr;                 ///< null: files are refused
  PatternFiles* pattern_files = nullptr;       ///< null: files of patterns and maps are refused
  TableFinder* tables = nullptr;               ///< null: stick tables are refused
  const UserListFinder* users = nullptr;       ///< null: lists of users are refused
  std::shared_ptr<const ProxyFinder> proxies;  ///< null: what names proxies is refused
  const Compiler* acls = nullptr;              ///< null: named ACLs are refused; every Compiler knows its own
  /// False: whether what is named is there is not looked at, since it is not known yet.
  bool finds_names = true;
  std::string hostname;  ///< what `hostname` gives
  /// A variable of the process's environment; null: it is not set.
  const char* (*environment_variable)(const char* name) = nullptr;
};

/// What rows do with their arguments beyond reading them: checks, regular expressions, maps. The error says what is wrong.
using Prepare = std::expected<void, std::string> (*)(std::vector<Argument>& arguments,
                                                     const Environment& environment);

}  // namespace reseal::rules::expression
