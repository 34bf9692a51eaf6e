// calsync login, logout: connects a Google account, and lets it go.

#ifndef CALSYNC_TOOLS_LOGIN_H_
#define CALSYNC_TOOLS_LOGIN_H_

#include <string>

#include "tools/verb.h"

namespace CLI {
class App;
}  // namespace CLI

namespace calsync::tools {

struct LoginOptions {
  std::string config;
  std::string account;
  std::string refresh_token_file;
  std::string access_token_file;
  std::string service_account_file;
  bool paste = false;
};

void AddLogin(CLI::App& app, LoginOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_LOGIN_H_
