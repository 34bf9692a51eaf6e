// For tests: an HTTPS server on this machine with a certificate that it makes for itself. On the loop of the test.

#ifndef CALSYNC_ADAPTER_HTTP_TESTING_TLS_SERVER_H_
#define CALSYNC_ADAPTER_HTTP_TESTING_TLS_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapter/http/loop.h"
#include "adapter/http/server.h"

namespace calsync::http {

// A key and a certificate for 127.0.0.1 and localhost that it signs itself: server and authority in one. Never the same twice.
Certificate MakeCertificate();
// A file with that text, for as long as whoever asked does not remove it.
std::string WriteTemporaryFile(const std::string& text);

class TlsServer {
 public:
  // Answers while the loop runs. The certificate is for 127.0.0.1 and localhost.
  TlsServer(Loop& loop, Handler handler);
  ~TlsServer();

  uint16_t port() const;
  // What signed the certificate, as a PEM file that lives as long as the server.
  const std::string& ca_file() const;
  // The protocols that the last client offered by ALPN, in its order.
  const std::vector<std::string>& offered() const;
  // Connections that got as far as TLS.
  int handshakes() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_TESTING_TLS_SERVER_H_
