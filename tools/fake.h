// calsync fake serve: the fake Google Calendar as an HTTP server.

#ifndef CALSYNC_TOOLS_FAKE_H_
#define CALSYNC_TOOLS_FAKE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tools/verb.h"

namespace calsync::tools {

// What the command line says.
struct FakeOptions {
  std::string listen = "127.0.0.1:8085";
  bool allow_remote = false;
  std::string webhook_ca;  // A file of certificates; empty: the machine's.
  bool webhook_any_certificate = false;
  std::vector<std::string> imports;
  uint64_t seed = 1;
  std::string clock = "real";
  std::string start;  // A manual clock's first time; empty: as is usual.
  std::string faults = "none";
  std::string answers;  // A file of knobs.
  std::string state;    // Where its state is kept from one run to the next; empty: nowhere.
  std::string account = "ada@example.com";
  std::string time_zone = "Europe/Zurich";
  bool json = false;
};

// Declares the verb. `run` is set if the command line chose it.
void AddFake(CLI::App& app, FakeOptions& options, Verb& run);

}  // namespace calsync::tools

#endif  // CALSYNC_TOOLS_FAKE_H_
