// The methods of the API, as a table: what is routed, what a token must allow, what discovery tells.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_METHODS_H_
#define CALSYNC_FAKEGOOGLE_HTTP_METHODS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace calsync::fake {

// Bits, in the order of ScopeNames.
using Scopes = uint32_t;
absl::Span<const absl::string_view> ScopeNames();  // "calendar", "calendar.events", … without the address before them.
inline constexpr absl::string_view kScopePrefix = "https://www.googleapis.com/auth/";
// Of names, with or without the prefix, separated by spaces; unknown ones are passed over.
Scopes ScopesOf(absl::string_view names);
std::string FormatScopes(Scopes scopes);  // With the prefix.

enum class ValueType : uint8_t { kText, kWhole, kFlag };

struct Parameter {
  std::string name;
  ValueType type = ValueType::kText;
  bool in_path = false;
  bool required = false;
  bool repeated = false;
  std::optional<int> least;          // Of numbers.
  std::optional<int> most;           // The same.
  std::vector<std::string> choices;  // Of texts; none: any.

  bool Allows(const std::string& value) const;
};

struct Method {
  std::string id;    // "events.list".
  std::string verb;  // "GET".
  std::string path;  // "calendars/{calendarId}/events", below the API's base.
  std::vector<std::string> segments;
  std::vector<Parameter> parameters;
  std::string request;   // A schema; empty: no body.
  std::string response;  // The same.
  Scopes scopes = 0;     // C-106: any of them will do.

  const Parameter* FindParameter(absl::string_view name) const;
};

// All of them, those of one resource together.
absl::Span<const Method> Methods();

struct Route {
  const Method* method = nullptr;
  std::map<std::string, std::string> path;  // By parameter.
};
// Nothing if no method has the path. With a path but another verb: `method` is null.
std::optional<Route> FindRoute(absl::string_view verb, absl::Span<const std::string> segments);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_METHODS_H_
