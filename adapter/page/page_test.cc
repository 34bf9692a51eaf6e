#include "adapter/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapter/http/target.h"
#include "adapter/page/html.h"
#include "adapter/page/metrics.h"
#include "adapter/page/story.h"
#include "adapter/store/memory_store.h"
#include "engine/base/uuid.h"
#include "fakegoogle/model/testing/desk.h"

namespace calsync::adapter {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr CalendarKey kWork(1);
constexpr CalendarKey kHome(2);
constexpr char kHostile[] = "</td><script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;";

// Google, as the fake's model has it.
class ModelCaller final : public Caller {
 public:
  ModelCaller(http::Loop& loop, fake::Server& server) : loop_(loop), server_(server) {}
  void Send(const AccountId& account, std::shared_ptr<const Request> request, Answered answered, Questions) override {
    loop_.Post([this, account, request = std::move(request), answered = std::move(answered)] {
      answered(server_.Handle({account, {fake::ActorKind::kEngine, 0}}, *request, absl::Now()));
    });
  }

 private:
  http::Loop& loop_;
  fake::Server& server_;
};

// A database behind a network that swallows everything.
class SilentStore final : public Store {
 public:
  absl::StatusOr<LoadedGroup> Load(const GroupId&) override { return kSilent; }
  absl::Status Apply(const GroupId&, int64_t, const Commit&) override { return kSilent; }
  absl::StatusOr<int64_t> Epoch(const GroupId&) override { return kSilent; }
  absl::StatusOr<GroupImage> Peek(const GroupId&) override { return kSilent; }
  absl::StatusOr<std::vector<GroupId>> Groups() override { return kSilent; }
  absl::Status Forget(const GroupId&) override { return kSilent; }
  absl::Status Put(const GroupId&, const StoredGroup&) override { return kSilent; }
  absl::StatusOr<std::vector<AuditRow>> Audit(const GroupId&, const AuditQuery&) override {
    ++asked;
    return kSilent;
  }
  absl::StatusOr<int64_t> AuditCount(const GroupId&) override { return kSilent; }

  int asked = 0;

 private:
  const absl::Status kSilent = absl::UnavailableError("the database does not answer");
};

// A runner over two of Ada's calendars, and the page about it.
class PageTest : public ::testing::Test {
 protected:
  PageTest() : model_(loop_, desk_.server), meter_(model_) {
    runner_ = std::make_unique<Runner>(loop_, store_, epochs_, meter_, nullptr, RunnerOptions{.clock = absl::Now, .seed = [this] {
                                                                                                return SipKey{++seed_, 7};
                                                                                              }});
    board_ = std::make_unique<Board>(
        *runner_, meter_, arrivals_,
        Board::Options{.clock = absl::Now, .broken = [this] { return broken_; }, .tick_max = absl::Seconds(5)});
  }
  void Open(PageSettings settings = {.listen = "127.0.0.1:0"}) {
    auto page = Page::Listen(loop_, settings, *board_, *runner_, store_, absl::UTCTimeZone());
    ASSERT_TRUE(page.ok()) << page.status();
    page_ = *std::move(page);
  }
  void Configure(const std::string& home = "Home", const std::string& push_address = "") {
    runner_->Configure({Group("ann", home, push_address)});
  }
  Runner::Linked Group(const std::string& name, const std::string& home = "Home", const std::string& push_address = "") {
    Runner::Linked linked;
    linked.config.id = GroupId(name);
    linked.config.instance = InstanceId{77};
    linked.config.keys = {{1, 2}};
    linked.config.calendars = {{.key = kWork, .google_id = fake::kAda, .name = "Work"},
                               {.key = kHome, .google_id = fake::kTeam, .name = home}};
    linked.config.policy.tag_user_events = TagUserEvents::kOff;
    linked.config.policy.push_address = push_address;
    linked.accounts = {{kWork, fake::kAdaAccount}, {kHome, fake::kAdaAccount}};
    return linked;
  }
  std::string Add(const std::string& summary) {
    Event event = fake::AnEvent(summary);
    event.start = EventTime::At(absl::Now() + absl::Hours(24));
    event.end = EventTime::At(absl::Now() + absl::Hours(25));
    const calsync::Reply reply = desk_.server.Handle(fake::kAdaPerson, InsertEvent{fake::kAda, event}, absl::Now());
    return std::get<EventPtr>(reply)->id.str();
  }
  // Until nothing is left to do.
  void Settle() {
    for (int i = 0; i < 50; ++i) {
      loop_.After(absl::Milliseconds(20), [this] { loop_.Stop(); });
      loop_.Run();
      board_->Refresh();
      const auto views = runner_->Groups();
      if (views.front().engine != nullptr && views.front().engine->Unsettled({}, OwedTags::kLeave).empty()) break;
    }
    board_->Look(GroupId("ann"));
  }
  http::Response Get(const std::string& target, const std::string& host = "127.0.0.1:8087", const std::string& method = "GET") {
    return page_->Answer({.method = method, .target = target, .headers = {{"Host", host}}});
  }

  http::Loop loop_;
  fake::Desk desk_;
  MemoryStore store_;
  Epochs epochs_;
  ModelCaller model_;
  Arrivals arrivals_;
  Meter meter_;
  std::vector<Board::Broken> broken_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<Board> board_;
  std::unique_ptr<Page> page_;
  uint64_t seed_ = 0;
};

TEST_F(PageTest, ShowsCalendarsEventsBlocksPassesAndTheTrail) {
  Open();
  Configure();
  const std::string event = Add("Dentist");
  Settle();
  const http::Response home = Get("/");
  EXPECT_EQ(home.status, 200);
  EXPECT_THAT(std::string(home.headers.Get("Content-Type")), StartsWith("text/html"));
  EXPECT_THAT(std::string(home.headers.Get("Content-Security-Policy")), HasSubstr("default-src 'none'"));
  for (const char* shown : {"all is well", "Work", "Home", "✓ Home", "full walk", "block created", "user event found"}) {
    EXPECT_THAT(home.body, HasSubstr(shown));
  }
  EXPECT_THAT(home.body, HasSubstr(event));
  EXPECT_THAT(home.body, Not(HasSubstr("Dentist")));  // Titles are not shown unless asked for.
  const http::Response story = Get(absl::StrCat("/event?group=ann&id=", event));
  EXPECT_THAT(story.body, HasSubstr("an event of a person"));
  EXPECT_THAT(story.body, HasSubstr("✓ Home"));
  EXPECT_THAT(story.body, HasSubstr("block planned"));
}

TEST_F(PageTest, ADatabaseThatDoesNotAnswerIsAskedOnce) {
  SilentStore silent;
  const auto page = Page::Listen(loop_, {.listen = "127.0.0.1:0"}, *board_, *runner_, silent, absl::UTCTimeZone());
  ASSERT_TRUE(page.ok()) << page.status();
  runner_->Configure({Group("ann"), Group("bob"), Group("cem")});
  Settle();
  const http::Response home = (*page)->Answer({.method = "GET", .target = "/", .headers = {{"Host", "127.0.0.1"}}});
  EXPECT_EQ(silent.asked, 1);
  EXPECT_THAT(home.body, HasSubstr("the database does not answer"));
  EXPECT_THAT(home.body, HasSubstr("not asked about the groups that follow"));
}

TEST_F(PageTest, FindsEventsByIdAndByTitleIfThatIsAskedFor) {
  Open({.listen = "127.0.0.1:0", .titles = true});
  Configure();
  const std::string dentist = Add("Dentist"), choir = Add("Choir");
  Settle();
  EXPECT_THAT(Get("/?q=denTIST").body, HasSubstr(dentist));
  EXPECT_THAT(Get("/?q=dentist").body, Not(HasSubstr(choir)));
  EXPECT_THAT(Get(absl::StrCat("/?q=", choir.substr(0, 8))).body, HasSubstr("Choir"));
  EXPECT_THAT(Get("/?q=nothing+has+this").body, HasSubstr("None."));
}

TEST_F(PageTest, PeoplesTextIsEscapedWhereverItIsShown) {
  Open({.listen = "127.0.0.1:0", .titles = true});
  Configure(kHostile);
  const std::string event = Add(kHostile);
  Settle();
  for (const std::string& target :
       {std::string("/"), absl::StrCat("/?q=", http::PercentEncode(kHostile)), absl::StrCat("/event?group=ann&id=", event),
        absl::StrCat("/event?group=ann&id=", http::PercentEncode(kHostile)),
        absl::StrCat("/event?group=", http::PercentEncode(kHostile), "&id=x")}) {
    const std::string body = Get(target).body;
    EXPECT_THAT(body, Not(HasSubstr("<script"))) << target;
    EXPECT_THAT(body, Not(HasSubstr("<img"))) << target;
  }
  EXPECT_THAT(Get("/").body, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(Get("/?q=script").body, HasSubstr("&lt;script&gt;"));
}

TEST_F(PageTest, IsForThisMachineAloneAndOnlyReads) {
  Open();
  Configure();
  Settle();
  EXPECT_EQ(Get("/", "evil.example.org").status, 403);  // Its name was pointed here: a browser would let its pages read this one.
  EXPECT_EQ(Get("/metrics", "evil.example.org").status, 403);
  EXPECT_EQ(Get("/", "").status, 403);
  EXPECT_EQ(Get("/", "localhost:8087").status, 200);
  EXPECT_EQ(Get("/", "[::1]:8087").status, 200);
  EXPECT_EQ(Get("/", "127.0.0.1", "POST").status, 405);
  EXPECT_EQ(Get("/nothing").status, 404);
  EXPECT_EQ(Get("no target").status, 404);
  for (const char* listen : {"0.0.0.0:0", "192.0.2.1:8087", "nonsense", ""}) {
    EXPECT_EQ(Page::Listen(loop_, {.listen = listen}, *board_, *runner_, store_, absl::UTCTimeZone()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << listen;
  }
}

TEST_F(PageTest, SecretsAreNowhere) {
  Open({.listen = "127.0.0.1:0", .titles = true});
  Configure("Home", "https://calsync.example.org/hook");
  Add("Dentist");
  Settle();
  const Engine* const engine = runner_->Groups().front().engine;
  std::vector<std::string> secrets = {fake::kAdaAccount.str(), FormatUuid(77)};
  for (const CalendarKey key : {kWork, kHome}) {
    ASSERT_FALSE(engine->calendar(key)->channels.empty());
    secrets.push_back(engine->calendar(key)->channels.front().token.ToString());
    secrets.push_back(engine->calendar(key)->sync_token.str());
  }
  for (const char* target : {"/", "/status.json", "/metrics", "/healthz", "/?q=e"}) {
    const std::string body = Get(target).body;
    for (const std::string& secret : secrets) EXPECT_THAT(body, Not(HasSubstr(secret))) << target;
  }
}

TEST_F(PageTest, HealthIsFineUntilAGroupStops) {
  Open();
  Configure();
  Settle();
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/healthz").body, "ok\n");
  // Another owner takes the group over; the next commit of this one is refused.
  ASSERT_TRUE(store_.Load(GroupId("ann")).ok());
  ASSERT_TRUE(runner_->Command(GroupId("ann"), WalkAgain{}).ok());
  for (int i = 0; i < 10; ++i) {
    loop_.After(absl::Milliseconds(20), [this] { loop_.Stop(); });
    loop_.Run();
  }
  board_->Refresh();
  EXPECT_EQ(Get("/healthz").status, 503);
  EXPECT_THAT(Get("/healthz").body, StartsWith("stopped\n"));
  EXPECT_THAT(Get("/").body, HasSubstr("look here"));
}

TEST_F(PageTest, AGroupWhoseFileIsBrokenIsNotWell) {
  Open();
  Configure();
  Settle();
  broken_ = {{.group = GroupId("bob"), .why = absl::InvalidArgumentError("groups/bob.toml:4: <what>"), .runs = true}};
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/healthz").body, "runs, with alerts\nbob: broken, runs as it was before: groups/bob.toml:4: <what>\n");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("calsync_well 0\n"));
  broken_[0].runs = false;
  EXPECT_EQ(Get("/healthz").status, 200) << "to begin anew helps nobody";
  EXPECT_EQ(Get("/healthz").body, "runs, with alerts\nbob: broken, does not run: groups/bob.toml:4: <what>\n");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("calsync_group_runs{group=\"ann\"} 1\n"));
  EXPECT_THAT(Get("/metrics").body, HasSubstr("calsync_group_runs{group=\"bob\"} 0\n"));
  EXPECT_THAT(Get("/status.json").body, HasSubstr("\"bob\": \"groups/bob.toml:4: <what>\""));
  EXPECT_THAT(Get("/").body, HasSubstr("look here"));
  EXPECT_THAT(Get("/").body, HasSubstr("bob: broken, does not run</b><br>groups/bob.toml:4: &lt;what&gt;"));
}

TEST_F(PageTest, FiguresAreWhatThereIsAndCallsAreCounted) {
  Open();
  Configure();
  Add("Dentist");
  Add("Choir");
  runner_->Notify(GroupId("ann"), {.channel = ChannelId("of-somebody"), .token = "guessed", .state = ResourceState::kExists});
  Settle();
  arrivals_.dropped = 7;
  const std::string text = Get("/metrics").body;
  EXPECT_THAT(text, HasSubstr("# TYPE calsync_user_events_tracked gauge"));
  EXPECT_THAT(text, HasSubstr("calsync_user_events_tracked{group=\"ann\",calendar=\"Work\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("calsync_busy_blocks_tracked{group=\"ann\",calendar=\"Home\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("calsync_api_calls_total{method=\"insert\",outcome=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("calsync_alert{group=\"ann\",alert=\"silence\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("calsync_notifications_total{outcome=\"dropped\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("calsync_forged_notifications_total{group=\"ann\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("calsync_webhook_seconds_bucket{group=\"ann\",le=\"+Inf\"} 0\n"));
  EXPECT_THAT(std::string(Get("/metrics").headers.Get("Content-Type")), HasSubstr("version=0.0.4"));
  EXPECT_THAT(Get("/status.json").body, HasSubstr("\"user_events_tracked\": 2"));
  EXPECT_EQ(meter_.units(), 4 + 0);  // Two listings, two inserts.
}

TEST(Html, EscapesAllThatCouldEndTextOrAttribute) {
  EXPECT_EQ(Escape("a<b>&\"'\n\x01z"), "a&lt;b&gt;&amp;&quot;&#39;  z");
  EXPECT_EQ(Escape("Zürich ✓"), "Zürich ✓");
}

TEST(MeterOutcomes, AreNamedByStatusOrByWhatCutThem) {
  EXPECT_EQ(OutcomeOf(NoContent{}), "ok");
  EXPECT_EQ(OutcomeOf(ApiError{.code = 404}), "404");
  EXPECT_EQ(OutcomeOf(ApiError{.transport = Transport::kTimeout}), "timeout");
  EXPECT_EQ(OutcomeOf(ApiError{.transport = Transport::kNotSent}), "not_sent");
}

}  // namespace
}  // namespace calsync::adapter
