#include "lb/haproxy/files.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "lb/base/file.h"

namespace reseal::haproxy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

config::Problem refused(const std::string& file, std::string message) {
  return {config::Severity::kError, file, {}, std::move(message), {}};
}

/// The names as they are shown: the folder as given, one slash, the file.
std::vector<std::string> files_of_folder(const std::string& folder, LoadedFiles& loaded) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    std::error_code ignored;  // what cannot be looked at is told when it is read
    if (!name.ends_with(".cfg") || name.starts_with('.') || fs::is_directory(entries->path(), ignored))
      continue;
    if (names.size() == kMostFiles) break;  // one too many is told by the caller
    names.push_back(folder + (folder.ends_with('/') ? "" : "/") + name);
  }
  if (error) loaded.problems.push_back(refused(folder, "cannot be listed: " + error.message()));
  std::ranges::sort(names);
  return names;
}

/// Whether reading may go on.
bool add_file(const std::string& name, std::size_t& bytes, LoadedFiles& loaded) {
  if (loaded.files.size() == kMostFiles) {
    loaded.problems.push_back(refused(name, "more than " + std::to_string(kMostFiles) + " files"));
    return false;
  }
  auto text = read_at_most(name, kMostFileBytes + 1);
  if (!text) {
    loaded.problems.push_back(refused(name, text.error()));
    return true;
  }
  bytes += text->size();
  if (text->size() > kMostFileBytes) {
    loaded.problems.push_back(refused(name, "the file is larger than 8 MiB; is it the right one?"));
    return true;
  }
  if (bytes > kMostBytes) {
    loaded.problems.push_back(refused(name, "all files together are larger than 32 MiB"));
    return false;
  }
  if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  loaded.files.push_back({name, std::move(*text)});
  return true;
}

}  // namespace

LoadedFiles load(const std::vector<std::string>& paths) {
  LoadedFiles loaded;
  std::size_t bytes = 0;
  for (const std::string& path : paths) {
    std::error_code ignored;  // what does not exist is told when it is read
    const bool folder = fs::is_directory(path, ignored);
    const auto names = folder ? files_of_folder(path, loaded) : std::vector<std::string>{path};
    for (const std::string& name : names) {
      if (!add_file(name, bytes, loaded)) return loaded;
    }
  }
  return loaded;
}

}  // namespace reseal::haproxy
