// The server with a certificate of its own, as our client and strangers see it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "adapter/http/client.h"
#include "adapter/http/server.h"
#include "adapter/http/testing/tls_server.h"

namespace calsync::http {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  ~TlsTest() override { unlink(ca_file_.c_str()); }
  void Listen(Certificate certificate) {
    ServerOptions options;
    options.certificate = std::move(certificate);
    options.handshake_time_max = absl::Milliseconds(200);
    server_ = Server::Listen(loop_, options, [](const Request& request) { return Response{.body = request.body + "!"}; }).value();
  }
  Outcome Send(Client& client, bool secure, const std::string& body) {
    Outcome got = NoAnswer{};
    client.Send({.secure = secure, .host = "127.0.0.1", .port = server_->port(), .target = "/"},
                {.method = "POST", .target = "/", .body = body}, absl::Seconds(5), [&](Outcome outcome) {
                  got = std::move(outcome);
                  loop_.Stop();
                });
    loop_.Run();
    return got;
  }

  Loop loop_;
  const Certificate made_ = MakeCertificate();
  const std::string ca_file_ = WriteTemporaryFile(made_.chain);
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, WhoTrustsTheCertificateIsAnswered) {
  Listen(made_);
  Client client(loop_, {.trust = Trust::kFile, .ca_file = ca_file_});
  for (const std::string& body : {std::string("one"), std::string(300'000, 'x')}) {
    const Outcome outcome = Send(client, true, body);
    ASSERT_TRUE(std::holds_alternative<Response>(outcome)) << std::get<NoAnswer>(outcome).why;
    EXPECT_EQ(std::get<Response>(outcome).body, body + "!");
  }
  EXPECT_EQ(server_->connections(), 1u) << "kept";
}

TEST_F(TlsTest, WhoDoesNotGetsNothingAndPlainTextIsNotHeard) {
  Listen(made_);
  Client stranger(loop_, {});
  EXPECT_TRUE(std::holds_alternative<NoAnswer>(Send(stranger, true, "one")));
  EXPECT_TRUE(std::holds_alternative<NoAnswer>(Send(stranger, false, "one")));
}

TEST_F(TlsTest, ACertificateThatCannotBeUsedIsSaid) {
  const auto listen = [&](Certificate certificate) {
    ServerOptions options;
    options.certificate = std::move(certificate);
    const auto server = Server::Listen(loop_, options, nullptr);
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(server.status().message());
  };
  EXPECT_THAT(listen({.chain = "nothing", .key = made_.key}), HasSubstr("the certificate cannot be used"));
  EXPECT_THAT(listen({.chain = made_.chain, .key = "nothing"}), HasSubstr("the key cannot be used"));
  EXPECT_THAT(listen({.chain = made_.chain, .key = MakeCertificate().key}), HasSubstr("the key cannot be used"));
}

}  // namespace
}  // namespace calsync::http
