// A verb of the command: one file each, declared to the parser of the command line, carried out if it was chosen.

#ifndef CALSYNC_TOOLS_VERB_H_
#define CALSYNC_TOOLS_VERB_H_

#include <functional>

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

// Returns the exit code (terminal.h).
using Verb = std::function<int()>;

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_VERB_H_
