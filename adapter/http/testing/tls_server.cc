#include "adapter/http/testing/tls_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

namespace calsync::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

std::string Text(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<size_t>(size));
}

void Extend(X509* certificate, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Certificate MakeCertificate() {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("a test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  Extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  Extend(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, int (*)(BIO*)> key_text(BIO_new(BIO_s_mem()), BIO_free);
  const std::unique_ptr<BIO, int (*)(BIO*)> certificate_text(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_X509(certificate_text.get(), certificate.get());
  return {.chain = Text(certificate_text.get()), .key = Text(key_text.get())};
}

std::string WriteTemporaryFile(const std::string& text) {
  std::string path = "/tmp/calsync-ca-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0 || write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  close(file);
  return path;
}

class TlsServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, Handler handler)
      : handler_(std::move(handler)),
        context_(asio::ssl::context::tls_server),
        acceptor_(loop.context(), {asio::ip::address_v4::loopback(), 0}) {
    const Certificate identity = MakeCertificate();
    context_.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    context_.use_certificate_chain(asio::buffer(identity.chain));
    SSL_CTX_set_alpn_select_cb(context_.native_handle(), &Impl::OnOffer, this);
    ca_file_ = WriteTemporaryFile(identity.chain);
  }
  ~Impl() { unlink(ca_file_.c_str()); }

  void Accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Connection>(self, std::move(socket))->Start();
      self->Accept();
    });
  }
  void Stop() { acceptor_.close(); }

  tcp::acceptor& acceptor() { return acceptor_; }
  const std::string& ca_file() const { return ca_file_; }
  const std::vector<std::string>& offered() const { return offered_; }
  int handshakes() const { return handshakes_; }

 private:
  class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(std::shared_ptr<Impl> server, tcp::socket socket)
        : server_(std::move(server)), stream_(std::move(socket), server_->context_) {}
    void Start() {
      stream_.async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
        if (error) return;
        ++self->server_->handshakes_;
        self->Read();
      });
    }

   private:
    void Read() {
      message_ = {};
      beast::http::async_read(stream_, buffer_, message_, [self = shared_from_this()](error_code error, size_t) {
        if (!error) self->Answer();
      });
    }
    void Answer() {
      Request request{
          .method = std::string(message_.method_string()), .target = std::string(message_.target()), .body = message_.body()};
      for (const auto& field : message_) request.headers.Add(std::string(field.name_string()), std::string(field.value()));
      const Response response = server_->handler_(std::move(request));
      auto answer = std::make_shared<beast::http::response<beast::http::string_body>>();
      answer->version(11);
      answer->result(static_cast<unsigned>(response.status));
      for (const auto& [name, value] : response.headers.fields()) answer->insert(name, value);
      answer->body() = response.body;
      answer->prepare_payload();
      beast::http::async_write(stream_, *answer, [self = shared_from_this(), answer](error_code error, size_t) {
        if (!error) self->Read();
      });
    }

    const std::shared_ptr<Impl> server_;
    asio::ssl::stream<tcp::socket> stream_;
    beast::flat_buffer buffer_;
    beast::http::request<beast::http::string_body> message_;
  };

  static int OnOffer(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned length,
                     void* self) {
    Impl& server = *static_cast<Impl*>(self);
    server.offered_.clear();
    for (unsigned at = 0; at < length; at += 1U + offered[at]) {
      server.offered_.emplace_back(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
      if (server.offered_.back() != "http/1.1") continue;
      *chosen = offered + at + 1;
      *size = offered[at];
    }
    return *chosen == nullptr ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK;
  }

  const Handler handler_;
  asio::ssl::context context_;
  tcp::acceptor acceptor_;
  std::string ca_file_;
  std::vector<std::string> offered_;
  int handshakes_ = 0;
};

TlsServer::TlsServer(Loop& loop, Handler handler) : impl_(std::make_shared<Impl>(loop, std::move(handler))) { impl_->Accept(); }
TlsServer::~TlsServer() { impl_->Stop(); }
uint16_t TlsServer::port() const { return impl_->acceptor().local_endpoint().port(); }
const std::string& TlsServer::ca_file() const { return impl_->ca_file(); }
const std::vector<std::string>& TlsServer::offered() const { return impl_->offered(); }
int TlsServer::handshakes() const { return impl_->handshakes(); }

}  // namespace calsync::http
