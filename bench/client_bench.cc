// What a call to Google costs the client's processor, TLS aside: the typed client of production, from the request as a value to
// the reply as a value, beside bare libcurl that sends the same bytes and takes the same answer. The server is another thread.
//
// CPU is that of the client's thread. Eight calls are under way at any time, over connections that are kept.

#include <benchmark/benchmark.h>
#include <curl/curl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapter/google/calendar_api.h"
#include "adapter/google/google_client.h"
#include "adapter/http/client.h"
#include "adapter/http/loop.h"
#include "adapter/http/server.h"
#include "adapter/http/target.h"
#include "bench/sizes.h"
#include "engine/base/check.h"
#include "engine/testing/builders.h"
#include "fakegoogle/http/event_json.h"

namespace calsync::bench {
namespace {

constexpr int kUnderWay = 8;
constexpr int kCalls = 512;  // Of an iteration.
constexpr char kToken[] = "ya29.a0AfB_byC0123456789abcdefghijklmnopqrstuvwxyz";

enum class Kind { kPatch, kEmptyList };

std::shared_ptr<const Request> RequestFor(Kind kind) {
  const CalendarId calendar("ada@example.com");
  if (kind == Kind::kEmptyList) {
    return std::make_shared<const Request>(ListEvents{.calendar = calendar, .sync_token = SyncToken("CKiN0123456789abcdef")});
  }
  PatchEvent patch{.calendar = calendar, .event = EventId("cs0123456789abcdefghijklmnopqrstuv0123456789abc")};
  patch.patch.start = EventTime::At(At("2026-05-04T10:00:00Z"));
  patch.patch.end = EventTime::At(At("2026-05-04T11:00:00Z"));
  patch.if_match = Etag("\"3500000000000000\"");
  return std::make_shared<const Request>(std::move(patch));
}

std::string AnswerFor(Kind kind) {
  if (kind == Kind::kEmptyList) {
    return R"({"kind":"calendar#events","timeZone":"Europe/Zurich","accessRole":"owner","nextSyncToken":"CKiN1","items":[]})";
  }
  Event event = EventOf({.at = "work/cs0123456789abcdefghijklmnopqrstuv0123456789abc", .title = "Busy", .tag = BlockTag("k1")});
  return fake::EventToJson(event, GoogleIdOf("work"), {}).dump();
}

// Says the same to everybody, on a thread of its own.
class Stub {
 public:
  explicit Stub(std::string answer) {
    auto listening = http::Server::Listen(loop_, {}, [answer = std::move(answer)](const http::Request&) {
      return http::Response{.status = 200, .headers = {{"Content-Type", "application/json; charset=UTF-8"}}, .body = answer};
    });
    CALSYNC_CHECK(listening.ok());
    server_ = *std::move(listening);
    root_ = absl::StrCat("http://127.0.0.1:", server_->port(), "/calendar/v3/");
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~Stub() {
    loop_.Stop();
    thread_.join();
  }
  Stub(const Stub&) = delete;
  Stub& operator=(const Stub&) = delete;

  const std::string& root() const { return root_; }

 private:
  http::Loop loop_;
  std::unique_ptr<http::Server> server_;
  std::string root_;
  std::thread thread_;
};

void Ours(benchmark::State& state, Kind kind) {
  const Stub stub(AnswerFor(kind));
  const std::shared_ptr<const Request> request = RequestFor(kind);
  const AccountId account("ada@example.com");
  http::Loop loop;
  adapter::GoogleOptions options;
  options.api_root = stub.root();
  options.token_endpoint = absl::StrCat(stub.root(), "token");
  options.limits.account = options.limits.project = {.per_minute = 1e12, .burst = 1e12};
  adapter::GoogleClient client(loop, options);
  client.SetGrant(account, adapter::StaticTokenGrant{adapter::Secret(kToken)});
  int left = 0;
  int under_way = 0;
  std::function<void()> send = [&] {
    --left;
    ++under_way;
    client.Send(account, request, [&](const Reply& reply) {
      CALSYNC_CHECK(!std::holds_alternative<ApiError>(reply));
      --under_way;
      if (left > 0) return send();
      if (under_way == 0) loop.Stop();
    });
  };
  for (auto _ : state) {
    left = kCalls;
    for (int i = 0; i < kUnderWay; ++i) send();
    loop.Run();
  }
  state.SetItemsProcessed(state.iterations() * kCalls);
}

// ---- The floor.

// One of the handles that are used again and again.
struct Exchange {
  explicit Exchange(const std::string& url, const http::Request& request) : easy(curl_easy_init()) {
    for (const auto& [name, value] : request.headers.fields()) {
      lines = curl_slist_append(lines, absl::StrCat(name, ": ", value).c_str());
    }
    lines = curl_slist_append(lines, "Expect:");
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "calsync (gzip)");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
    if (!request.body.empty()) {
      curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  }
  ~Exchange() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(lines);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  static size_t OnBody(const char* bytes, size_t, size_t size, void* self) {
    static_cast<Exchange*>(self)->body.append(bytes, size);
    return size;
  }

  CURL* const easy;
  curl_slist* lines = nullptr;
  std::string body;
};

void BareCurl(benchmark::State& state, Kind kind) {
  const std::string answer = AnswerFor(kind);
  const Stub stub(answer);
  http::Request request = adapter::RequestOf(*RequestFor(kind), "/calendar/v3/");
  request.headers.Add("Authorization", absl::StrCat("Bearer ", kToken));
  const std::string url = absl::StrCat(stub.root(), request.target.substr(sizeof("/calendar/v3/") - 1));
  CURLM* const multi = curl_multi_init();
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int i = 0; i < kUnderWay; ++i) exchanges.push_back(std::make_unique<Exchange>(url, request));
  for (auto _ : state) {
    int left = kCalls;
    for (const auto& exchange : exchanges) {
      exchange->body.clear();
      curl_multi_add_handle(multi, exchange->easy);
      --left;
    }
    int running = kUnderWay;
    while (running > 0 || left > 0) {
      CALSYNC_CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
      int queued = 0;
      while (const CURLMsg* const message = curl_multi_info_read(multi, &queued)) {
        CALSYNC_CHECK(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK);
        CURL* const easy = message->easy_handle;
        Exchange* done = nullptr;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &done);
        CALSYNC_CHECK(done->body == answer);
        curl_multi_remove_handle(multi, easy);
        if (left == 0) continue;
        --left;
        done->body.clear();
        curl_multi_add_handle(multi, easy);
        running = 1;
      }
      if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
  }
  for (const auto& exchange : exchanges) curl_multi_remove_handle(multi, exchange->easy);
  exchanges.clear();
  curl_multi_cleanup(multi);
  state.SetItemsProcessed(state.iterations() * kCalls);
}

void Add(int64_t /*records_max*/) {
  const std::pair<const char*, Kind> kKinds[] = {{"patch", Kind::kPatch}, {"empty_list", Kind::kEmptyList}};
  const std::pair<const char*, void (*)(benchmark::State&, Kind)> kSides[] = {{"Client/floor/", BareCurl},
                                                                              {"Client/ours/", Ours}};
  for (const auto& [name, kind] : kKinds) {
    for (const auto& [side, run] : kSides) {
      benchmark::RegisterBenchmark(absl::StrCat(side, name).c_str(),
                                   [run = run, kind = kind](benchmark::State& state) { run(state, kind); })
          ->Repetitions(7)
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace calsync::bench

int main(int argc, char** argv) { return calsync::bench::Run(argc, argv, calsync::bench::Add); }
