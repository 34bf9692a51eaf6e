// calsync calendars, accounts, pause, resume, resync: what is linked, and how.

#ifndef CALSYNC_TOOLS_CALENDARS_H_
#define CALSYNC_TOOLS_CALENDARS_H_

#include <string>
#include <vector>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct CalendarsOptions {
  std::string config;
  bool json = false;
  std::string account;
  std::string group;
  std::vector<std::string> calendars;  // Ids to add, or names of what is linked.
  std::string name;
  std::string direction;
};

void AddCalendars(CLI::App& app, CalendarsOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_CALENDARS_H_
