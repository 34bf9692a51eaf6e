#include "adapter/config/secrets.h"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/config/tight_file.h"
#include "engine/base/check.h"
#include "engine/base/status_macros.h"

namespace calsync::adapter {
namespace {

static_assert(InstanceKey::kBytes == crypto_kdf_KEYBYTES);
static_assert(InstanceKey::kBytes == crypto_secretbox_KEYBYTES);

constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "calsync1";
constexpr uint64_t kEnginePurpose = 1;
constexpr uint64_t kGrantPurpose = 2;
constexpr uint64_t kPathPurpose = 3;
constexpr char kSecretEnding[] = ".secret";
constexpr char kMagic[] = "calsync-secret-1\n";

void UseSodium() {
  static const int ready = sodium_init();
  CALSYNC_CHECK(ready >= 0);
}

uint64_t WordAt(const InstanceKey::Bytes& bytes, size_t at) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) word |= static_cast<uint64_t>(bytes[at + i]) << (8 * i);
  return word;
}

bool IsHex(absl::string_view text) { return text.find_first_not_of("0123456789abcdefABCDEF") == absl::string_view::npos; }

const unsigned char* Unsigned(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Unsigned(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// One a line, or several with commas or blanks between; comments reach to the end of their line.
absl::StatusOr<std::vector<InstanceKey>> ParseKeys(const std::string& where, absl::string_view text) {
  std::vector<InstanceKey> keys;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    for (const absl::string_view word :
         absl::StrSplit(line.substr(0, line.find('#')), absl::ByAnyChar(", \t\r"), absl::SkipEmpty())) {
      if (word.size() != 2 * InstanceKey::kBytes || !IsHex(word)) {
        return absl::InvalidArgumentError(absl::StrCat(
            where, ":", number, ": a key is 64 hexadecimal digits; several stand on lines of their own, or with commas"));
      }
      const std::string raw = absl::HexStringToBytes(word);
      InstanceKey::Bytes bytes;
      std::copy(raw.begin(), raw.end(), bytes.begin());
      keys.emplace_back(bytes);
    }
  }
  if (keys.empty()) return absl::InvalidArgumentError(absl::StrCat(where, " holds no key"));
  return keys;
}

}  // namespace

InstanceKey InstanceKey::Random() {
  UseSodium();
  Bytes bytes;
  randombytes_buf(bytes.data(), bytes.size());
  return InstanceKey(bytes);
}

InstanceKey::Bytes InstanceKey::Derive(uint64_t purpose) const {
  UseSodium();
  Bytes derived;
  crypto_kdf_derive_from_key(derived.data(), derived.size(), purpose, kContext, bytes_.data());
  return derived;
}

SipKey InstanceKey::ForEngine() const {
  const Bytes bytes = Derive(kEnginePurpose);
  return {WordAt(bytes, 0), WordAt(bytes, 8)};
}
InstanceKey::Bytes InstanceKey::ForGrants() const { return Derive(kGrantPurpose); }
uint64_t InstanceKey::ForPaths() const { return WordAt(Derive(kPathPurpose), 0); }
std::string InstanceKey::Hex() const {
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
}

absl::StatusOr<std::vector<InstanceKey>> ReadKeys(const std::string& file) {
  if (const char* const given = std::getenv("CALSYNC_KEYS"); given != nullptr && given[0] != '\0') {
    return ParseKeys("CALSYNC_KEYS", given);
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(file, Privacy::kOwnerOnly));
  return ParseKeys(file, text);
}

absl::Status WriteKeys(const std::string& file, const std::vector<InstanceKey>& keys) {
  std::string text =
      "# The keys of this CalSync installation. Keep a copy: without them it does not know its own blocks.\n"
      "# The first one is used for what is new, all are accepted: to change keys, put a new one on top.\n";
  for (const InstanceKey& key : keys) absl::StrAppend(&text, key.Hex(), "\n");
  return WriteTightFile(file, text, Existing::kRefuse);
}

std::vector<SipKey> EngineKeys(const std::vector<InstanceKey>& keys) {
  std::vector<SipKey> derived;
  for (const InstanceKey& key : keys) derived.push_back(key.ForEngine());
  return derived;
}

std::string Vault::FileOf(absl::string_view name) const {
  // Names are addresses of people; what a file name cannot hold is written in hexadecimal.
  std::string safe;
  for (const char letter : name) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(letter)) || absl::StrContains("@.-_+", letter);
    if (plain && !(safe.empty() && letter == '.')) {
      safe += letter;
    } else {
      absl::StrAppend(&safe, "%", absl::BytesToHexString({&letter, 1}));
    }
  }
  return absl::StrCat(folder_, "/", safe, kSecretEnding);
}

absl::Status Vault::Put(absl::string_view name, absl::string_view secret) const {
  UseSodium();
  std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + secret.size(), '\0');
  randombytes_buf(sealed.data(), crypto_secretbox_NONCEBYTES);
  const InstanceKey::Bytes key = keys_.front().ForGrants();
  crypto_secretbox_easy(Unsigned(sealed) + crypto_secretbox_NONCEBYTES, Unsigned(secret), secret.size(), Unsigned(sealed),
                        key.data());
  return WriteTightFile(FileOf(name), absl::StrCat(kMagic, sealed), Existing::kReplace);
}

absl::StatusOr<std::string> Vault::Get(absl::string_view name) const {
  UseSodium();
  ASSIGN_OR_RETURN(const std::string text, ReadFile(FileOf(name), Privacy::kOwnerOnly));
  absl::string_view sealed = text;
  constexpr size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (absl::ConsumePrefix(&sealed, kMagic) && sealed.size() >= kOverhead) {
    std::string secret(sealed.size() - kOverhead, '\0');
    const absl::string_view box = sealed.substr(crypto_secretbox_NONCEBYTES);
    for (const InstanceKey& candidate : keys_) {
      const InstanceKey::Bytes key = candidate.ForGrants();
      if (crypto_secretbox_open_easy(Unsigned(secret), Unsigned(box), box.size(), Unsigned(sealed), key.data()) == 0)
        return secret;
    }
  }
  return absl::DataLossError(absl::StrCat(FileOf(name),
                                          " cannot be opened with the keys of this installation: the keys are not those "
                                          "it was written with, or it is damaged. `calsync login --account ",
                                          name, "` makes it anew"));
}

absl::Status Vault::Remove(absl::string_view name) const {
  std::error_code error;
  if (std::filesystem::remove(FileOf(name), error)) return absl::OkStatus();
  if (error) return absl::InternalError(absl::StrCat("cannot remove ", FileOf(name), ": ", error.message()));
  return absl::NotFoundError(absl::StrCat("there is no ", FileOf(name)));
}

absl::StatusOr<std::vector<std::string>> Vault::Names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::string name = at->path().filename().string();
    absl::string_view rest = name;
    if (!absl::ConsumeSuffix(&rest, kSecretEnding)) continue;
    std::string decoded;
    for (size_t i = 0; i < rest.size(); ++i) {
      if (rest[i] == '%' && i + 2 < rest.size() && IsHex(rest.substr(i + 1, 2))) {
        decoded += absl::HexStringToBytes(rest.substr(i + 1, 2));
        i += 2;
      } else {
        decoded += rest[i];
      }
    }
    names.push_back(std::move(decoded));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::InternalError(absl::StrCat("cannot list ", folder_, ": ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace calsync::adapter
