// Base32hex (RFC 4648 section 7), lower case and without padding: the alphabet 0-9 a-v that Google allows in event ids (C-1).

#ifndef CALSYNC_ENGINE_BASE_BASE32HEX_H_
#define CALSYNC_ENGINE_BASE_BASE32HEX_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace calsync {

// True if every character is in 0-9 a-v.
bool IsBase32Hex(absl::string_view text);

std::string EncodeBase32Hex(absl::string_view bytes);
// The same into `out`, which has room for (bytes.size() * 8 + 4) / 5 characters.
void EncodeBase32Hex(absl::string_view bytes, char* out);

// The bytes that `text` encodes, or nothing if it is not the one canonical encoding of any bytes (foreign characters, an
// impossible length, or set padding bits).
std::optional<std::string> DecodeBase32Hex(absl::string_view text);
// The same into `out`, which has room for text.size() * 5 / 8 bytes; false if there are none.
bool DecodeBase32Hex(absl::string_view text, char* out);

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_BASE32HEX_H_
