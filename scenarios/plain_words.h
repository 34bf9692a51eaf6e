// Lines of a trace for people: the world's lines, which name everything, with short names for what has none, times as people
// write them, and without what only programs want to know.

#ifndef CALSYNC_SCENARIOS_PLAIN_WORDS_H_
#define CALSYNC_SCENARIOS_PLAIN_WORDS_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace calsync::sim {

// One for each trace: names are given in the order in which things are first met.
class PlainWords {
 public:
  // The line in plain words; empty if nothing is left to say.
  std::string Of(absl::string_view what);

 private:
  std::string NamesFor(absl::string_view text);

  std::map<std::string, std::string> channels_;  // "c1"
  std::map<std::string, std::string> planned_;   // Ids of blocks that never came to be: "p1".
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_PLAIN_WORDS_H_
