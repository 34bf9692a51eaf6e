// Looks at what flows by in one world, and tells a Coverage: which marks were reached, and in which phase each adversity struck.
//
// A world without one pays nothing for it. It decides nothing and is asked nothing: a watched run is the same as one that nobody
// watches.

#ifndef CALSYNC_SCENARIOS_WATCHER_H_
#define CALSYNC_SCENARIOS_WATCHER_H_

#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/host/effect.h"
#include "engine/host/input.h"
#include "fakegoogle/faults/fault_layer.h"
#include "scenarios/ghost.h"
#include "scenarios/host.h"
#include "scenarios/marks.h"
#include "scenarios/result.h"
#include "scenarios/workers.h"

namespace calsync::sim {

class Watcher {
 public:
  explicit Watcher(Coverage& coverage) : coverage_(coverage) {}

  // A process.
  void Starts(const Host& host, const Started& started);
  void Dies(const Host& host);
  void Stepped(const Host& host);  // It took an input, and what followed is carried out.

  // Between engine and Google. `calendar`: its number.
  void Sends(const Host& host, int calendar, const ApiCall& call, const fake::CallPlan& plan, absl::Time now);
  void Hears(const Host& host, const ApiReply& reply, absl::Time now);  // Before the engine does.
  void PlansMessage(const Host& host, const fake::MessagePlan& plan);
  void Hears(const Host& host, const Notification& message);

  // Between engine and store.
  enum class Fate : uint8_t { kDurable, kLost, kUnknown };
  void Commits(const Host& host, const Commit& commit, bool applies, Fate fate);

  // Between workers and the table of leases. `host`: whose group it is about.
  void Leases(const Host& host, Processed::What what);

  // Others.
  void Writes(absl::Span<const Host> hosts, const fake::WriteRecord& write, int calendar, const GhostEvent* truth);
  void Befalls(Mishap mishap);
  void Rests(const RestView& view) { coverage_.See(view); }
  void Ends() { coverage_.EndRun(); }

 private:
  struct Flight {
    CallId id;
    Phase phase = Phase::kRead;
    CallKind kind = CallKind::kGet;
    int calendar = -1;
    EventId event{};
    ChannelId channel{};
    absl::Time sent;
    absl::Time applied = absl::InfiniteFuture();  // When Google carries it out; InfiniteFuture: it does not.
    int page = 1;
    int answers = 0;
    bool given_up = false;
    bool active() const { return answers == 0; }
  };
  struct Process {
    std::vector<Flight> flights;                       // In order; answered ones for a while, since an answer may come again.
    std::vector<int> pages;                            // By calendar, of the listing under way.
    absl::flat_hash_map<Place, calsync::Record> rows;  // As committed. Look-ups only.
    absl::flat_hash_map<CorrelationId, Place> places;
    absl::flat_hash_map<Place, EventPast> pasts;
    absl::btree_set<ChannelId> told;  // Channels that a message came of.
    bool running = false;
    bool catching_up = false;
    int crashes_in_a_row = 0;
    int restarts = 0;
  };

  // Of the worker that has the floor.
  Process& Of(const Host& host) { return At(SeatOf(host)); }
  static size_t SeatOf(const Host& host) { return static_cast<size_t>(host.number() * kWorkersMax + host.floor()); }
  Process& At(size_t seat);
  UnderWay LookAt(const Process& process) const;
  // Another one has a call about the calendar in flight.
  bool IsUsedByOthers(const Process& process, int calendar) const;
  static Phase PhaseOf(const Host& host, const Process& process, int calendar, const Request& request);
  const calsync::Record* RowAt(const Process& process, const Place& place) const;
  EventPast& PastOf(Process& process, const Place& place) { return process.pasts[place]; }
  // How a listing's page stands to the writes in flight and to the series that are known.
  void LookAtPage(const Process& process, const Flight& flight, const EventsPage& page, absl::Time now, Answered& sight) const;
  void Remember(const Flight& flight, const Answered& sight, EventPast& past) const;

  Coverage& coverage_;
  std::vector<Process> processes_;  // By host number, and for each by worker.
  std::vector<int> last_writer_;    // By calendar: the host whose engine wrote last; -1: somebody else.
  size_t stepping_ = 0;             // Whose engine took the last input, in processes_.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_WATCHER_H_
