#include "adapter/google/grant.h"

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "adapter/google/json_reader.h"

namespace calsync::adapter {

std::string JoinedScopes() { return absl::StrJoin(kScopes, " "); }

absl::StatusOr<InstalledClient> ParseInstalledClient(absl::string_view json) {
  JsonBody body;
  const absl::StatusOr<JsonObject> root = body.Parse(json);
  if (!root.ok()) return absl::InvalidArgumentError("the client's file is not the JSON that Google's console gives");
  const std::optional<JsonObject> installed = FindObject(*root, "installed");
  if (!installed) {
    return absl::InvalidArgumentError(FindObject(*root, "web")
                                          ? "the client is of the type \"Web application\"; a \"Desktop app\" is needed"
                                          : "the client's file has no member \"installed\"");
  }
  InstalledClient client{std::string(TextOf(*installed, "client_id")), Secret(std::string(TextOf(*installed, "client_secret")))};
  if (client.id.empty()) return absl::InvalidArgumentError("the client's file has no client_id");
  return client;
}

absl::StatusOr<ServiceAccountGrant> ParseServiceAccountKey(absl::string_view json, std::string subject) {
  JsonBody body;
  const absl::StatusOr<JsonObject> root = body.Parse(json);
  if (!root.ok()) return absl::InvalidArgumentError("the service account's key file is not the JSON that Google's console gives");
  if (TextOf(*root, "type") != "service_account") return absl::InvalidArgumentError("the key file is not of a service account");
  ServiceAccountGrant grant{.email = std::string(TextOf(*root, "client_email")),
                            .private_key = Secret(std::string(TextOf(*root, "private_key"))),
                            .key_id = std::string(TextOf(*root, "private_key_id")),
                            .subject = std::move(subject)};
  if (grant.email.empty()) return absl::InvalidArgumentError("the service account's key file has no client_email");
  if (grant.private_key.empty()) return absl::InvalidArgumentError("the service account's key file has no private_key");
  return grant;
}

}  // namespace calsync::adapter
