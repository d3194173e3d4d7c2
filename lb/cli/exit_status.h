// How the program ends, and how it says that it could not do what was asked.
#pragma once

#include <string>

namespace reseal::cli {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  ///< refused, or failed
inline constexpr int kUsageError = 2;

/// "reseal: SENTENCE" on standard error. Returns kFailed.
int complain(const std::string& sentence);

}  // namespace reseal::cli
