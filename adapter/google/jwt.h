// What a service account says of itself, signed (contract 6.3), and other small things of OpenSSL.

#ifndef CALSYNC_ADAPTER_GOOGLE_JWT_H_
#define CALSYNC_ADAPTER_GOOGLE_JWT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/google/grant.h"

namespace calsync::adapter {

inline constexpr absl::Duration kAssertionLife = absl::Seconds(3600);  // The most that Google takes.

// The assertion {iss, scope, aud, iat, exp, sub}, RS256. It is as good as a password for its life. Errors: InvalidArgument if the
// key is no RSA key in PEM.
absl::StatusOr<Secret> SignAssertion(const ServiceAccountGrant& grant, absl::string_view audience, absl::Time now);

std::string Sha256(absl::string_view bytes);
// So many bytes that nobody can guess, as letters and digits that fit into an address. Not the engine's randomness: nothing that
// is decided or stored by a group comes from it.
std::string RandomText(size_t bytes);
// Without padding, for addresses.
std::string WebSafe(absl::string_view bytes);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_JWT_H_
