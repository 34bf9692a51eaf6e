#include "adapter/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapter/http/sockets.h"

namespace calsync::http {
namespace {

static_assert(Sockets::kReadable == CURL_CSELECT_IN);
static_assert(Sockets::kWritable == CURL_CSELECT_OUT);
static_assert(Sockets::kBroken == CURL_CSELECT_ERR);

constexpr size_t kHeadersMax = 256 * 1024;
constexpr absl::Duration kTimeoutMin = absl::Milliseconds(1);  // To libcurl, 0 is "no limit".

long Millis(absl::Duration duration) { return static_cast<long>(absl::ToInt64Milliseconds(std::max(duration, kTimeoutMin))); }

std::string UrlOf(const Address& to) {
  const bool is_v6 = absl::StrContains(to.host, ':');
  return absl::StrCat(to.secure ? "https://" : "http://", is_v6 ? "[" : "", to.host, is_v6 ? "]" : "", ":", to.port, to.target);
}

bool HasControls(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t'; });
}

bool IsSendable(const Address& to, const Request& request) {
  if (HasControls(to.host) || HasControls(to.target) || HasControls(request.method)) return false;
  const auto& fields = request.headers.fields();
  return std::none_of(fields.begin(), fields.end(),
                      [](const Headers::Field& field) { return HasControls(field.first) || HasControls(field.second); });
}

// True if bytes of the request may have left. libcurl notes when it is ready to send, and what it has sent.
bool MayHaveLeft(CURL* easy, CURLcode code) {
  curl_off_t ready_after = 0;
  long sent = 0;
  curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready_after);
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  return ready_after > 0 || sent > 0 || code == CURLE_SEND_ERROR;
}

// libcurl's verdict in ours.
NoAnswer::Kind KindOf(CURL* easy, CURLcode code) {
  if (!MayHaveLeft(easy, code)) return NoAnswer::Kind::kNotSent;
  switch (static_cast<int>(code)) {  // An int: the enumeration has a hundred values.
    case CURLE_OPERATION_TIMEDOUT:
      return NoAnswer::Kind::kTimeout;
    case CURLE_PARTIAL_FILE:
    case CURLE_WRITE_ERROR:  // Of ours: the bound is reached.
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_UNSUPPORTED_PROTOCOL:  // Of an answer: it was no HTTP.
    case CURLE_WEIRD_SERVER_REPLY:
      return NoAnswer::Kind::kUnreadable;
    default:
      return NoAnswer::Kind::kCut;
  }
}

// A write of TLS to a connection that the other side closed is an error like any other, not the end of the process.
bool Initialize() {
  struct sigaction pipe = {};
  if (sigaction(SIGPIPE, nullptr, &pipe) == 0 && pipe.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
  return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void InitializeOnce() {
  static const bool done = Initialize();
  static_cast<void>(done);
}

}  // namespace

absl::string_view Name(NoAnswer::Kind kind) {
  switch (kind) {
    case NoAnswer::Kind::kNotSent:
      return "not sent";
    case NoAnswer::Kind::kTimeout:
      return "no answer in time";
    case NoAnswer::Kind::kCut:
      return "the connection was cut";
    case NoAnswer::Kind::kUnreadable:
      return "the answer cannot be read";
  }
  return "?";
}

class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, ClientOptions options)
      : loop_(loop),
        options_(std::move(options)),
        sockets_(loop, [this](int socket, unsigned ready) { Act(socket, ready); }),
        alarm_(loop) {
    InitializeOnce();
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Impl::OnSocket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Impl::OnTimer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options_.connections_max));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.connections_max));
  }
  ~Impl() {
    Close();
    curl_multi_cleanup(multi_);
  }
  // Drops what is under way; nobody is called any more.
  void Close() {
    closed_ = true;
    for (const auto& [easy, exchange] : exchanges_) curl_multi_remove_handle(multi_, easy);
    exchanges_.clear();
  }

  void Send(const Address& to, Request request, absl::Duration timeout, Answered answered);
  size_t in_flight() const { return exchanges_.size(); }

 private:
  struct CleanUp {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  using Handle = std::unique_ptr<CURL, CleanUp>;

  // One request and what comes back. Its address is libcurl's, so it never moves.
  struct Exchange {
    explicit Exchange(Handle handle) : easy(std::move(handle)) {}
    ~Exchange() { curl_slist_free_all(lines); }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    Handle easy;
    curl_slist* lines = nullptr;
    Request request;
    Response response;
    Answered answered;
    size_t body_max = 0;
    size_t headers_size = 0;
    bool too_large = false;
    char words[CURL_ERROR_SIZE] = {};  // Of libcurl, for the log.
  };

  // A handle as it was made. Each call would make one and throw it away, so they are used again.
  Handle TakeHandle();
  void GiveBack(Handle handle);

  static int OnSocket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    static_cast<Impl*>(self)->sockets_.Watch(socket, what != CURL_POLL_REMOVE && (what & CURL_POLL_IN) != 0,
                                             what != CURL_POLL_REMOVE && (what & CURL_POLL_OUT) != 0);
    return 0;
  }
  static int OnTimer(CURLM*, long milliseconds, void* self);
  static size_t OnHeader(const char* bytes, size_t, size_t size, void* exchange);
  static size_t OnBody(const char* bytes, size_t, size_t size, void* exchange);

  void Prepare(Exchange& exchange, const Address& to, absl::Duration timeout);
  void AddLine(Exchange& exchange, const std::string& line) { exchange.lines = curl_slist_append(exchange.lines, line.c_str()); }
  // Something happened to a socket, or (CURL_SOCKET_TIMEOUT) time went on.
  void Act(int socket, unsigned ready);
  void Finish(CURL* easy, CURLcode code);

  Loop& loop_;
  const ClientOptions options_;
  CURLM* multi_ = nullptr;
  Sockets sockets_;
  Loop::Alarm alarm_;
  std::map<CURL*, std::unique_ptr<Exchange>> exchanges_;
  std::vector<Handle> spare_;
  bool closed_ = false;
};

void Client::Impl::Send(const Address& to, Request request, absl::Duration timeout, Answered answered) {
  if (!IsSendable(to, request)) {
    loop_.Post([self = weak_from_this(), answered = std::move(answered)] {
      if (const std::shared_ptr<Impl> here = self.lock(); here == nullptr || here->closed_) return;
      answered(NoAnswer{NoAnswer::Kind::kNotSent, "a header or address holds a control character"});
    });
    return;
  }
  auto exchange = std::make_unique<Exchange>(TakeHandle());
  exchange->request = std::move(request);
  exchange->answered = std::move(answered);
  exchange->body_max = options_.body_max;
  Prepare(*exchange, to, timeout);
  CURL* const easy = exchange->easy.get();
  exchanges_.emplace(easy, std::move(exchange));
  curl_multi_add_handle(multi_, easy);
}

Client::Impl::Handle Client::Impl::TakeHandle() {
  if (spare_.empty()) return Handle(curl_easy_init());
  Handle handle = std::move(spare_.back());
  spare_.pop_back();
  return handle;
}

void Client::Impl::GiveBack(Handle handle) {
  if (spare_.size() >= options_.connections_max) return;
  curl_easy_reset(handle.get());
  spare_.push_back(std::move(handle));
}

void Client::Impl::Prepare(Exchange& exchange, const Address& to, absl::Duration timeout) {
  CURL* const easy = exchange.easy.get();
  const Request& request = exchange.request;
  curl_easy_setopt(easy, CURLOPT_URL, UrlOf(to).c_str());
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange.words);
  if (IsLoopback(to.host)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, Millis(timeout));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, Millis(std::min(timeout, options_.connect_timeout)));

  // HTTP/2 by ALPN. A request waits for a connection that is being made and may carry it, rather than open one more.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, to.secure ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (options_.trust == Trust::kFile) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  if (options_.trust == Trust::kAnybody) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }

  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());  // Not copied: the exchange owns it.
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (!options_.user_agent.empty()) curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  for (const auto& [name, value] : request.headers.fields()) {
    AddLine(exchange, value.empty() ? absl::StrCat(name, ";") : absl::StrCat(name, ": ", value));
  }
  // What libcurl would add by itself: a type of a form, and a question before a body.
  if (request.headers.Find("Content-Type") == nullptr) AddLine(exchange, "Content-Type:");
  AddLine(exchange, "Expect:");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange.lines);

  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Impl::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Impl::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
}

int Client::Impl::OnTimer(CURLM*, long milliseconds, void* self) {
  auto* const impl = static_cast<Impl*>(self);
  if (milliseconds < 0) {
    impl->alarm_.Cancel();
  } else {  // Also at once is later: libcurl must not be called from here.
    impl->alarm_.Set(absl::Milliseconds(milliseconds), [impl] { impl->Act(CURL_SOCKET_TIMEOUT, 0); });
  }
  return 0;
}

size_t Client::Impl::OnHeader(const char* bytes, size_t, size_t size, void* data) {
  Exchange& exchange = *static_cast<Exchange*>(data);
  const absl::string_view line = absl::StripAsciiWhitespace(absl::string_view(bytes, size));
  exchange.headers_size += size;
  exchange.too_large = exchange.too_large || exchange.headers_size > kHeadersMax;
  if (exchange.too_large) return 0;
  if (absl::StartsWith(line, "HTTP/")) {  // Another one may follow: 100 Continue comes before the answer.
    exchange.response.headers = Headers();
  } else if (const size_t colon = line.find(':'); colon != absl::string_view::npos) {
    exchange.response.headers.Add(std::string(absl::StripAsciiWhitespace(line.substr(0, colon))),
                                  std::string(absl::StripAsciiWhitespace(line.substr(colon + 1))));
  }
  return size;
}

size_t Client::Impl::OnBody(const char* bytes, size_t, size_t size, void* data) {
  Exchange& exchange = *static_cast<Exchange*>(data);
  exchange.too_large = exchange.response.body.size() + size > exchange.body_max;
  if (exchange.too_large) return 0;
  exchange.response.body.append(bytes, size);
  return size;
}

void Client::Impl::Act(int socket, unsigned ready) {
  const std::shared_ptr<Impl> keep = shared_from_this();  // An answer may end the client.
  int running = 0;
  curl_multi_socket_action(multi_, socket, static_cast<int>(ready), &running);
  std::vector<std::pair<CURL*, CURLcode>> finished;
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) finished.emplace_back(message->easy_handle, message->data.result);
  }
  for (const auto& [easy, code] : finished) Finish(easy, code);
}

void Client::Impl::Finish(CURL* easy, CURLcode code) {
  const auto found = exchanges_.find(easy);
  if (found == exchanges_.end()) return;
  const std::unique_ptr<Exchange> exchange = std::move(found->second);
  exchanges_.erase(found);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi_, easy);
  if (code == CURLE_OK) {
    GiveBack(std::move(exchange->easy));
    exchange->response.status = static_cast<int>(status);
    return exchange->answered(std::move(exchange->response));
  }
  std::string why = exchange->words[0] != 0 ? exchange->words : curl_easy_strerror(code);
  if (exchange->too_large) why = "it is larger than anything that is expected";
  exchange->answered(NoAnswer{KindOf(easy, code), std::move(why)});
}

Client::Client(Loop& loop, ClientOptions options) : impl_(std::make_shared<Impl>(loop, std::move(options))) {}
Client::~Client() { impl_->Close(); }

void Client::Send(const Address& to, Request request, absl::Duration timeout, Answered answered) {
  impl_->Send(to, std::move(request), timeout, std::move(answered));
}
size_t Client::in_flight() const { return impl_->in_flight(); }

}  // namespace calsync::http
