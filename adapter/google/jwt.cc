#include "adapter/google/jwt.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "adapter/google/json_text.h"
#include "engine/base/check.h"

namespace calsync::adapter {
namespace {

using Json = nlohmann::ordered_json;

std::string Encode(const Json& json) { return WebSafe(Dump(json)); }

// Empty if it fails.
std::string Sign(absl::string_view bytes, const std::string& private_key) {
  const std::unique_ptr<BIO, int (*)(BIO*)> pem(BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())),
                                                BIO_free);
  // An empty pass phrase, given: OpenSSL would ask for one at the terminal.
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      PEM_read_bio_PrivateKey(
          pem.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr),
      EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return "";
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  size_t size = 0;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1) return "";
  if (EVP_DigestSign(context.get(), nullptr, &size, data, bytes.size()) != 1) return "";
  std::string signature(size, 0);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data, bytes.size()) != 1)
    return "";
  signature.resize(size);
  return signature;
}

}  // namespace

absl::StatusOr<Secret> SignAssertion(const ServiceAccountGrant& grant, absl::string_view audience, absl::Time now) {
  Json header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!grant.key_id.empty()) header["kid"] = grant.key_id;
  const int64_t issued = absl::ToUnixSeconds(now);
  Json claims{{"iss", grant.email},
              {"scope", JoinedScopes()},
              {"aud", std::string(audience)},
              {"iat", issued},
              {"exp", issued + absl::ToInt64Seconds(kAssertionLife)}};
  if (!grant.subject.empty()) claims["sub"] = grant.subject;
  const std::string text = absl::StrCat(Encode(header), ".", Encode(claims));
  const std::string signature = Sign(text, grant.private_key.Reveal());
  if (signature.empty()) return absl::InvalidArgumentError("the private key is no RSA key in PEM, or it has a pass phrase");
  return Secret(absl::StrCat(text, ".", WebSafe(signature)));
}

std::string Sha256(absl::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CALSYNC_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string RandomText(size_t bytes) {
  std::string random(bytes, 0);
  // Without randomness nothing that follows would be safe.
  CALSYNC_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), static_cast<int>(bytes)) == 1);
  return WebSafe(random);
}

std::string WebSafe(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

}  // namespace calsync::adapter
