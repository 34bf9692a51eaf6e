// A test that has a Google Calendar in its own process: a request in, a response out, a clock that stands still until it is
// moved.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/state/policy.h"
#include "fakegoogle/http/front.h"

namespace {

int failures = 0;

void Expect(bool holds, const char* what) {
  std::printf("%s: %s\n", holds ? "holds" : "FAILS", what);
  failures += holds ? 0 : 1;
}

}  // namespace

int main() {
  calsync::fake::Front google({});
  const calsync::http::Headers headers = {{"Authorization", "Bearer test-token"}, {"Content-Type", "application/json"}};
  const std::string event =
      R"({"summary": "Dentist", "start": {"dateTime": "2026-02-02T10:00:00Z"}, "end": {"dateTime": "2026-02-02T11:00:00Z"}})";
  Expect(google.Handle({"POST", "/calendar/v3/calendars/primary/events", headers, event}).status == 200, "an event is made");
  const calsync::http::Response listed = google.Handle({"GET", "/calendar/v3/calendars/primary/events", headers, ""});
  Expect(listed.body.find("Dentist") != std::string::npos, "and listed");
  Expect(calsync::DirectionPolicy().mirrors, "the engine's headers are there, too");
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
