// calsync doctor: looks at everything an installation stands on, and says what to do where it is not well.

#ifndef CALSYNC_TOOLS_DOCTOR_H_
#define CALSYNC_TOOLS_DOCTOR_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct DoctorOptions {
  std::string config;
  bool json = false;
  bool no_color = false;
};

void AddDoctor(CLI::App& app, DoctorOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_DOCTOR_H_
