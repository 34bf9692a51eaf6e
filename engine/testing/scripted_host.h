// A tiny host for tests of the whole engine: it carries out effects in order, and answers calls from a map of events.
//
// Not the fake of Google: this one is kind, knows only what the engine asks for, and does nothing by itself. What goes wrong, a
// test says, call by call.

#ifndef CALSYNC_ENGINE_TESTING_SCRIPTED_HOST_H_
#define CALSYNC_ENGINE_TESTING_SCRIPTED_HOST_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/engine.h"
#include "engine/testing/builders.h"

namespace calsync {

// Whether a call that is answered with a scripted error was carried out nevertheless.
enum class Carried { kNot, kOut };

class ScriptedHost {
 public:
  // No two lives of one group may share a seed: correlation ids are drawn from it.
  explicit ScriptedHost(GroupConfig config = AConfig(), GroupImage image = {}, uint64_t seed = 7);

  // ---- Google's side. Every change gives a new etag, and `updated` is the present.

  // Puts the event on its calendar, or changes the one that is there.
  void Put(const EventSpec& spec);
  // Changes an event as a person would, by (calendar, id).
  template <class F>
  void Edit(absl::string_view calendar, absl::string_view event, F&& change) {
    Event edited = Get(calendar, event);
    std::forward<F>(change)(edited);
    Store(calendar, std::move(edited));
  }
  void Cancel(absl::string_view calendar, absl::string_view event);  // Listings show a stub (S-3).
  void Purge(absl::string_view calendar, absl::string_view event);   // Not even a tombstone is shown.
  bool Has(absl::string_view calendar, absl::string_view event) const;
  const Event& Get(absl::string_view calendar, absl::string_view event) const;
  // Live events on the calendar.
  std::vector<Event> Live(absl::string_view calendar) const;
  void SetRole(absl::string_view calendar, AccessRole role) { roles_[std::string(calendar)] = role; }
  // Answers all listings of the calendar with this error, until it is nullopt again.
  void FailListings(absl::string_view calendar, std::optional<ApiError> error);
  // The next call of the kind is answered with `reply`: Script<InsertEvent>(ApiError{…}).
  template <class Kind>
  void Script(Reply reply, Carried carried = Carried::kNot) {
    scripts_.push_back({calsync::Request(Kind()).index(), std::move(reply), carried});
  }

  // ---- The engine's side.

  // Hear what engines are built from, are given and answer; null: nobody does.
  std::function<void(const GroupConfig&, const GroupImage&, const SipKey& seed)> on_start;
  std::function<void(const Input&, absl::Time now, const Effects&)> on_step;

  // Of the engines that are started from now on; Give(Reconfigure) tells the one that runs.
  void set_config(GroupConfig config) { config_ = std::move(config); }
  // Builds an engine from what is durable, and gives it its first input.
  void Start(bool restored = false);
  // One step. Its effects are carried out up to the calls, which wait to be answered.
  Effects Give(const Input& input);
  // The process ends. What it had sent is carried out or not; nobody hears the answers. Start() begins anew.
  void Crash(Carried carried);
  // Answers the call that waits longest.
  void AnswerNext();
  // Answers until no call waits. CHECKs that it ends.
  void AnswerAll();
  // Lets time pass: fires the timer when it is due, and answers.
  void Advance(absl::Duration by);
  // Lets the tag delays and retries pass, without a poll: two minutes.
  void Settle() { Advance(absl::Minutes(2)); }

  Engine& engine() { return *engine_; }
  const Records& records() const { return engine_->records(); }
  const GroupImage& image() const { return image_; }
  absl::Time now() const { return now_; }
  void set_now(absl::Time now) { now_ = now; }
  absl::Time timer() const { return timer_; }
  // The record of the block of the source ("work/e1") on the target.
  const Record& BlockOf(absl::string_view source, absl::string_view target) const;
  std::string IdOfBlock(absl::string_view source, absl::string_view target) const;

  // All calls that left since the last ClearLog(), in order.
  const std::vector<ApiCall>& calls() const { return calls_; }
  // Calls that left and were not answered.
  const std::deque<ApiCall>& waiting() const { return waiting_; }
  // All effects in the order in which they were carried out.
  const Effects& effects() const { return effects_; }
  size_t Audited(AuditKind kind) const;
  void ClearLog();

 private:
  using EventMap = std::map<std::string, Event>;  // By event id.
  struct Scripted {
    size_t request;
    Reply reply;
    Carried carried;
  };

  void Store(absl::string_view calendar, Event event);
  void CarryOut(const Effects& effects);
  void Apply(const Commit& commit);
  Reply Answer(const Request& request);
  Reply CarryOut(const Request& request);
  Reply List(const ListEvents& call);
  Reply Insert(const InsertEvent& call);
  Reply Patch(const PatchEvent& call);
  Reply Delete(const DeleteEvent& call);
  Event* Find(const CalendarId& calendar, const EventId& event);

  GroupConfig config_;
  GroupImage image_;
  std::optional<Engine> engine_;
  uint64_t seed_;
  uint64_t engines_ = 0;
  absl::Time now_ = TestNow();
  absl::Time timer_ = absl::InfiniteFuture();

  std::map<std::string, EventMap> events_;  // By short name of the calendar.
  std::map<std::pair<std::string, std::string>, int64_t> changed_;
  int64_t change_ = 0;
  std::map<std::string, absl::Time> updated_;
  std::map<std::string, AccessRole> roles_;
  std::map<std::string, ApiError> broken_;
  std::deque<Scripted> scripts_;

  std::deque<ApiCall> waiting_;
  std::vector<ApiCall> calls_;
  Effects effects_;
};

// A host whose group is at rest with one user event, and with nothing in its log.
ScriptedHost AtRest(GroupConfig config = AConfig(), const EventSpec& event = {.at = "work/e1"});

}  // namespace calsync

#endif  // CALSYNC_ENGINE_TESTING_SCRIPTED_HOST_H_
