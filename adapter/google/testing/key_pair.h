// For tests: a key pair of a service account.

#ifndef CALSYNC_ADAPTER_GOOGLE_TESTING_KEY_PAIR_H_
#define CALSYNC_ADAPTER_GOOGLE_TESTING_KEY_PAIR_H_

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

namespace calsync::adapter {

class KeyPair {
 public:
  KeyPair() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) {}

  std::string PrivatePem() const {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return Text(out.get());
  }
  std::string PublicPem() const {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(out.get(), key_.get());
    return Text(out.get());
  }

 private:
  static std::string Text(BIO* bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    return std::string(text, static_cast<size_t>(size));
  }

  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_GOOGLE_TESTING_KEY_PAIR_H_
