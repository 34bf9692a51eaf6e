// The whole fake behind one function: a request in, a response out. No sockets and no clock but the one it is given.
//
// It owns the model and all that stands around it: API, batches, tokens, discovery, faults, the journal, the control interface.
// What the model announces comes out of TakeDue as messages to be posted; who posts them is not its business. It keeps its own
// history, by which its state can be taken elsewhere.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_FRONT_H_
#define CALSYNC_FAKEGOOGLE_HTTP_FRONT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "adapter/http/message.h"
#include "fakegoogle/faults/fault_plan.h"
#include "fakegoogle/http/api.h"
#include "fakegoogle/http/history.h"
#include "fakegoogle/http/json.h"
#include "fakegoogle/http/oauth.h"
#include "fakegoogle/model/channels.h"
#include "fakegoogle/model/server.h"

namespace calsync::fake {

struct FrontOptions {
  Beginning beginning;
  std::function<absl::Time()> clock;               // Null: a clock that stands still until it is moved.
  bool remote = false;                             // Browsers may come by other names than those of loopback.
  std::function<absl::Status(const Json&)> keeps;  // Where POST /_fake/save puts the state. Null: nowhere.
};

// Words that stand for rates of faults; "none", "mild", "rough". Latencies stay as they are. Nothing for any other.
std::optional<FaultPlan> FaultProfile(absl::string_view name);

// A line of the journal.
struct JournalLine {
  absl::Time at;
  std::string what;    // "events.insert", "POST /token", "webhook".
  std::string target;  // What was asked for, or where a message went.
  std::string who;     // The account; of a webhook, the channel.
  int status = 0;      // 0: none came.
  std::string note;    // The reason of an error; of a webhook, what was said.
};

class Front {
 public:
  explicit Front(FrontOptions options);

  http::Response Handle(const http::Request& request);
  // For what cannot be read: the service's own error shape.
  static http::Response Unreadable(int status, absl::string_view why);

  // In whole microseconds. Within one request it is always the same.
  absl::Time Now() const { return reading_ ? *reading_ : Read(); }
  bool has_manual_clock() const { return !options_.clock; }
  // REQUIRES: a manual clock. Never back.
  void SetClock(absl::Time now);
  // Messages that are due, in order. What was due in the model until now happens first.
  std::vector<PushMessage> TakeDue();
  absl::Time NextDue() const;

  void Record(JournalLine line);

  // For the control interface.
  Server& model() { return world_->model; }
  Api& api() { return world_->api; }
  OAuth& oauth() { return world_->oauth; }
  const std::deque<JournalLine>& journal() const { return journal_; }
  // Lines of the journal since the beginning, those that are not kept included, by what they tell.
  const std::map<std::string, int64_t>& counts() const { return counts_; }
  const std::deque<WriteRecord>& writes() const { return world_->writes; }
  const FrontOptions& options() const { return options_; }
  const std::string& root_url() const { return root_url_; }
  void set_root_url(const std::string& url);
  // An account with a primary calendar and tokens for the test client: "test-token-<account>", "test-refresh-token-<account>".
  absl::Status AddPerson(const AccountId& account, const std::string& zone);
  // Those tokens anew, after they were revoked.
  void GiveTestTokens(const AccountId& account);
  // Everything is as it was at first; a manual clock too.
  void Reset();

  // The whole state, as JSON (history.h). What was done to model() and api() from outside, by no request, is not in it. Fails if
  // more has been asked than is kept.
  absl::StatusOr<Json> Export() const;
  // Takes up a state that Export gave, here or elsewhere; messages that were due there are due here. The root URL stays this
  // one's. Errors (FailedPrecondition) end a sentence that begins with where the state was read; then nothing has changed.
  absl::Status Import(const Json& state);

 private:
  struct World {
    World(const Beginning& beginning, const std::string& root_url);
    Server model;
    Api api;
    OAuth oauth;
    std::deque<WriteRecord> writes;  // The last ones.
    std::multimap<absl::Time, PushMessage> messages;
    uint64_t random;
  };

  absl::Time Read() const;
  // Adds to the history, and what came of it to the digest.
  void Remember(std::variant<http::Request, Passed, Moved> what);
  void Digest(const http::Response& response);
  void Digest(const std::vector<PushMessage>& messages);
  // Does all of it again, on a front that has just begun.
  void Repeat(const History& history, absl::Time& clock);

  http::Response Route(const http::Request& request, absl::Time now);
  http::Response HandleApi(const http::Request& request, const std::vector<std::string>& path, const http::Parameters& query,
                           absl::Time now);
  http::Response HandleBatch(const http::Request& request, absl::Time now);
  http::Response HandleDiscovery(const http::Request& request) const;
  void KeepWrites();

  FrontOptions options_;
  std::string root_url_;
  absl::Time stands_at_;
  std::optional<absl::Time> reading_;  // The time of the request that is being answered.
  History history_;                    // Without the clock's place, which Export adds.
  size_t history_size_ = 0;            // Beyond kHistoryMax, the happenings are gone.
  std::unique_ptr<World> world_;
  std::deque<JournalLine> journal_;
  std::map<std::string, int64_t> counts_;
};

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_FRONT_H_
