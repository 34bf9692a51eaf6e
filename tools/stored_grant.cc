#include "tools/stored_grant.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/overloaded.h"

namespace calsync::tools {
namespace {

using adapter::Grant;
using adapter::RefreshTokenGrant;
using adapter::Secret;
using adapter::ServiceAccountGrant;
using adapter::StaticTokenGrant;
using Json = nlohmann::ordered_json;

std::string Text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

std::string FormatGrant(const Grant& grant) {
  const Json json = std::visit(Overloaded{
                                   [](const RefreshTokenGrant& refresh) {
                                     Json stored = {{"kind", "refresh_token"},
                                                    {"client_id", refresh.client.id},
                                                    {"client_secret", refresh.client.secret.Reveal()},
                                                    {"refresh_token", refresh.refresh_token.Reveal()}};
                                     if (refresh.granted_at) stored["granted_at"] = absl::ToUnixSeconds(*refresh.granted_at);
                                     return stored;
                                   },
                                   [](const ServiceAccountGrant& robot) {
                                     return Json{{"kind", "service_account"},
                                                 {"email", robot.email},
                                                 {"private_key", robot.private_key.Reveal()},
                                                 {"key_id", robot.key_id},
                                                 {"subject", robot.subject}};
                                   },
                                   [](const StaticTokenGrant& token) {
                                     return Json{{"kind", "static_token"}, {"access_token", token.access_token.Reveal()}};
                                   },
                               },
                               grant);
  return json.dump();
}

absl::StatusOr<Grant> ParseGrant(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  const std::string kind = json.is_object() ? Text(json, "kind") : "";
  if (kind == "refresh_token") {
    RefreshTokenGrant grant{.client = {Text(json, "client_id"), Secret(Text(json, "client_secret"))},
                            .refresh_token = Secret(Text(json, "refresh_token"))};
    const auto at = json.find("granted_at");
    if (at != json.end() && at->is_number_integer()) grant.granted_at = absl::FromUnixSeconds(at->get<int64_t>());
    return grant;
  }
  if (kind == "service_account") {
    return ServiceAccountGrant{.email = Text(json, "email"),
                               .private_key = Secret(Text(json, "private_key")),
                               .key_id = Text(json, "key_id"),
                               .subject = Text(json, "subject")};
  }
  if (kind == "static_token") return StaticTokenGrant{Secret(Text(json, "access_token"))};
  return absl::DataLossError("what is kept of a grant is of no kind that this version knows");
}

}  // namespace calsync::tools
