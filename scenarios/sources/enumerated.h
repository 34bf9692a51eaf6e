// Choices for exhaustive search: who searches says what is chosen in the next stretch of a run, and hears what was asked there.
//
// An odometer: begin with nothing said, which is all benign; after each stretch say what Next() gives, until it gives nothing.
// Kinds of things are all tried. Of their sizes only the largest is: what lasts longer overlaps more. Whatever else is asked has
// the benign answer: it was chosen when the search was set up.

#ifndef CALSYNC_SCENARIOS_SOURCES_ENUMERATED_H_
#define CALSYNC_SCENARIOS_SOURCES_ENUMERATED_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace calsync::sim {

class EnumeratedSource {
 public:
  // What is chosen from now on, in order of asking; then 0.
  void Say(std::vector<uint64_t> values) {
    said_ = std::move(values);
    asked_.clear();
  }

  uint64_t Next(uint64_t bound, absl::string_view label) {
    if (IsSize(label)) return bound - 1;
    if (!IsKind(label)) return 0;
    const uint64_t value = asked_.size() < said_.size() ? std::min(said_[asked_.size()], bound - 1) : 0;
    asked_.push_back({bound, value, IsAdversity(label)});
    return value;
  }

  // What to say for the next one of all that may be chosen where the last stretch began, with at most so many adversities in it;
  // nothing: that was the last.
  std::optional<std::vector<uint64_t>> NextToSay(uint64_t adversities_max) const {
    const auto may_rise = [&](size_t i) {
      if (asked_[i].value + 1 >= asked_[i].bound) return false;
      if (!asked_[i].adversity || asked_[i].value > 0) return true;
      const auto end = asked_.begin() + static_cast<std::ptrdiff_t>(i);
      const auto before = std::count_if(asked_.begin(), end, [](const Asked& one) { return one.adversity && one.value > 0; });
      return static_cast<uint64_t>(before) < adversities_max;
    };
    size_t last = asked_.size();
    while (last > 0 && !may_rise(last - 1)) --last;
    if (last == 0) return std::nullopt;
    std::vector<uint64_t> values;
    for (size_t i = 0; i < last; ++i) values.push_back(asked_[i].value);
    ++values.back();
    return values;
  }

 private:
  struct Asked {
    uint64_t bound = 1;
    uint64_t value = 0;
    bool adversity = false;
  };

  static bool IsAdversity(absl::string_view label) { return label == "crash" || absl::EndsWith(label, " fault"); }
  static bool IsKind(absl::string_view label) {
    static constexpr absl::string_view kKinds[] = {"call fault",    "view fault",   "message fault", "commit fault",
                                                   "crash",         "crash where",  "cut or silent", "applied before the garbage",
                                                   "did it happen", "outage style", "forgery",       "what next"};
    return std::find(std::begin(kKinds), std::end(kKinds), label) != std::end(kKinds);
  }
  static bool IsSize(absl::string_view label) {
    static constexpr absl::string_view kSizes[] = {"how late",    "second after",      "clog",         "outage",
                                                   "usage limit", "unseen for",        "list lag",     "get lag",
                                                   "hidden for",  "second copy after", "notice delay", "overtaken by"};
    return std::find(std::begin(kSizes), std::end(kSizes), label) != std::end(kSizes);
  }

  std::vector<uint64_t> said_;
  std::vector<Asked> asked_;
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_SOURCES_ENUMERATED_H_
