#include "scenarios/state_hash.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/decide/desired.h"
#include "engine/render.h"
#include "scenarios/run_hash.h"

namespace calsync::sim {
namespace {

constexpr size_t kRememberedMax = 100000;

uint64_t Digest(absl::string_view text) {
  RunHash hash;
  hash.Add(text);
  return absl::Uint128Low64(hash.value());
}

// What is only compared with its like.
enum class Like : uint8_t { kEvent, kChannel, kCorrelation, kSpan, kTitle, kPrint, kCall };

// One walk over a state. Whatever is met is added in the order in which it is met.
class Walk {
 public:
  Walk(const World& world, StateHasher& hasher) : world_(world), hasher_(hasher) {
    positions_.resize(static_cast<size_t>(world.calendars()));
    FindPositions();
  }

  absl::uint128 Run() {
    for (int i = 0; i < world_.calendars(); ++i) AddGoogle(i);
    for (int i = 0; i < world_.instances(); ++i) AddHost(world_.host(i));
    world_.agenda().ForEach([&](absl::Time time, const Happening& happening) { AddHappening(time, happening); });
    for (const absl::Time until : world_.faults().WindowsEnd(world_.now())) AddTime(until);
    Add(world_.Unsettled().empty() ? 1 : 0);
    return hash_.value();
  }

 private:
  void Add(uint64_t value) { hash_.Add(value); }
  template <size_t kN>
  void AddFlags(const bool (&flags)[kN]) {
    uint64_t bits = 0;
    for (const bool flag : flags) bits = bits * 2 + (flag ? 1 : 0);
    Add(bits);
  }

  void AddName(Like like, uint64_t value) {
    const std::pair<Like, uint64_t> name{like, value};
    const auto found = std::find(names_.begin(), names_.end(), name);
    Add(static_cast<uint64_t>(found - names_.begin()));
    if (found == names_.end()) names_.push_back(name);
  }
  void AddName(Like like, absl::string_view text) { AddName(like, text.empty() ? 0 : Digest(text)); }
  void AddSpan(const TimeSpan& span) {
    RunHash hash;
    hash.Add(static_cast<uint64_t>(span.start));
    hash.Add(static_cast<uint64_t>(span.end));
    AddName(Like::kSpan, absl::Uint128Low64(hash.value()));
  }

  // How long it is until then.
  void AddTime(absl::Time time) {
    static constexpr absl::Duration kSteps[] = {absl::ZeroDuration(), absl::Seconds(10), absl::Minutes(1), absl::Minutes(10),
                                                absl::Hours(1)};
    const absl::Duration left = time - world_.now();
    Add(static_cast<uint64_t>(std::lower_bound(std::begin(kSteps), std::end(kSteps), left) - std::begin(kSteps)));
  }
  void AddSeconds(int64_t seconds) { AddTime(absl::FromUnixSeconds(seconds)); }

  // ---- Tokens and places in logs

  void FindPositions() {
    for (int i = 0; i < world_.instances(); ++i) {
      const Host& host = world_.host(i);
      for (const CalendarRow& row : host.image().calendars) FindPosition(row.sync_token.text());
      if (!host.running()) continue;
      for (const LiveCalendar& calendar : host.engine().group().calendars) {
        FindPosition(calendar.row.sync_token.text());
        if (calendar.listing.page.has_value()) FindPosition(calendar.listing.page->text());
      }
    }
    world_.agenda().ForEach([&](absl::Time, const Happening& happening) {
      if (const auto* arrives = std::get_if<CallArrives>(&happening)) FindPositions(*arrives->call.request);
      if (const auto* leaves = std::get_if<CallLeaves>(&happening)) FindPositions(*leaves->call.request);
      if (const auto* reply = std::get_if<ReplyArrives>(&happening)) {
        const auto* page = std::get_if<EventsPage>(&reply->reply.reply);
        if (page != nullptr && page->next_page_token.has_value()) FindPosition(page->next_page_token->text());
        if (page != nullptr && page->next_sync_token.has_value()) FindPosition(page->next_sync_token->text());
      }
    });
    for (std::vector<uint32_t>& places : positions_) {
      std::sort(places.begin(), places.end());
      places.erase(std::unique(places.begin(), places.end()), places.end());
    }
  }
  void FindPositions(const Request& request) {
    const auto* list = std::get_if<ListEvents>(&request);
    if (list != nullptr && list->sync_token.has_value()) FindPosition(list->sync_token->text());
    if (list != nullptr && list->page_token.has_value()) FindPosition(list->page_token->text());
  }
  void FindPosition(absl::string_view token) {
    const fake::TokenBody* body = hasher_.TokenOf(world_, token);
    if (body == nullptr) return;
    std::vector<uint32_t>& places = positions_[body->calendar];
    places.push_back(body->from);
    if (body->kind != fake::TokenBody::Kind::kSync) places.push_back(body->until);
  }
  void AddPosition(size_t calendar, uint32_t position) {
    const std::vector<uint32_t>& places = positions_[calendar];
    Add(static_cast<uint64_t>(std::lower_bound(places.begin(), places.end(), position) - places.begin()));
  }
  template <class Token>
  void AddToken(const std::optional<Token>& token) {
    AddToken(token.has_value() ? token->text() : absl::string_view());
  }
  void AddToken(absl::string_view token) {
    const fake::TokenBody* body = hasher_.TokenOf(world_, token);
    Add(body == nullptr ? 0 : static_cast<uint64_t>(body->kind));
    if (body == nullptr) return;
    Add(body->epoch);
    AddPosition(body->calendar, body->from);
    if (body->kind == fake::TokenBody::Kind::kSync) return;
    AddPosition(body->calendar, body->until);
    Add(body->place);
    Add(body->page);
  }

  // ---- Google

  void AddGoogle(int number) {
    const fake::Calendar& calendar = *world_.server().FindCalendar(world_.google_id(number));
    Add(calendar.token_epoch());
    Add(world_.server().CountLiveChannels(calendar.id(), world_.now()));
    for (const auto& [id, entry] : calendar.by_id()) {
      const EventPtr& event = calendar.Current(entry);
      AddName(Like::kEvent, id.text());
      // A token of a place knows what lies before it.
      AddPosition(static_cast<size_t>(number), calendar.entry(entry).last + 1);
      AddContent(*event, hasher_.FingerprintOf(event));
    }
  }
  void AddContent(const Event& event, uint64_t fingerprint) {
    Add(static_cast<uint64_t>(event.status) * 8 + static_cast<uint64_t>(event.transparency));
    if (event.IsCancelled()) return;
    AddSpan(event.span());
    AddName(Like::kTitle, event.summary);
    AddName(Like::kPrint, fingerprint);
    AddName(Like::kEvent, event.ical_uid.text());
    Add(event.attendees.size());
    AddTags(event.private_properties);
  }
  template <class Properties>
  void AddTags(const Properties& properties) {
    for (const auto& [key, value] : properties) {
      hash_.Add(key);
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
        AddName(Like::kCorrelation, value);
      } else {
        AddName(Like::kCorrelation, value.value_or(""));
      }
    }
  }
  bool IsLatest(const CalendarId& calendar, const EventId& event, absl::string_view etag) const {
    const EventPtr* latest = world_.server().Find(calendar, event);
    return latest != nullptr && (*latest)->etag.text() == etag;
  }

  // ---- An engine

  void AddHost(const Host& host) {
    CALSYNC_CHECK(!host.has_workers() && host.baseline() == nullptr);
    Add(host.running() ? 1 : 0);
    for (const OperatorCommand& word : host.lost_words()) hash_.Add(Render(Input(word)));
    if (!host.running()) {
      const GroupImage image = host.image();
      for (const Record& record : image.records) AddRow(record, nullptr);
      for (const CalendarRow& row : image.calendars) AddCalendar(row);
      return;
    }
    const LiveGroup& group = host.engine().group();
    for (RowIndex row = 0; row < group.records.size(); ++row) AddRow(group.records[row], &group);
    for (const LiveCalendar& calendar : group.calendars) {
      AddCalendar(calendar.row);
      const Listing& listing = calendar.listing;
      AddFlags({listing.active, listing.active && listing.full, listing.active && listing.void_token,
                listing.active && listing.page.has_value(), calendar.dirty, calendar.refused, calendar.notified,
                calendar.channel_call});
      Add(listing.active ? listing.met.size() : 0);
      Add(calendar.recheck);
      if (calendar.dirty) AddTime(calendar.list_at);
      Add(calendar.held.size() * 16 + calendar.absent.size());
    }
    for (const auto& [id, call] : group.calls) {  // In the order in which they were made.
      AddName(Like::kCall, id.value());
      Add(static_cast<uint64_t>(call.purpose) * 16 + call.calendar.value());
      AddName(Like::kEvent, call.event.text());
      AddName(Like::kChannel, call.channel.text());
      AddName(Like::kPrint, call.content);
      AddTime(call.deadline);
      AddFlags({call.restores, call.heard.has_value()});
    }
    AddFlags({group.row.breaker_open, group.bind_forgotten});
    Add(group.dirty_sources.size());
    for (const auto& [seconds, row] : group.later) AddSeconds(seconds);
    for (const auto& [row, refused] : group.refused) {
      AddName(Like::kEvent, group.records[row].event.view());
      Add(static_cast<uint64_t>(refused.count) * 2 + (refused.etag == group.records[row].etag ? 1 : 0));
    }
    AddTime(host.timer());
  }

  // `group`: of the engine that has the row; null if none runs.
  void AddRow(const Record& record, const LiveGroup* group) {
    const CalendarId& calendar = world_.google_id(static_cast<int>(record.calendar.value()) - 1);
    AddName(Like::kEvent, record.event.view());
    AddName(Like::kCorrelation, absl::Uint128Low64(record.id.value));
    Add(static_cast<uint64_t>(record.kind) | static_cast<uint64_t>(record.status) << 8 |
        static_cast<uint64_t>(record.seen_as) << 16 | static_cast<uint64_t>(record.tag) << 24 |
        static_cast<uint64_t>(record.hold) << 32 | static_cast<uint64_t>(record.blocking) << 40 |
        static_cast<uint64_t>(record.attempts) << 48);
    AddFlags({record.must_read, record.absent, record.sent, record.ambiguous, record.taken, record.tagged, record.guests,
              record.plain, record.alone, record.cancelled, record.etag.empty(),
              IsLatest(calendar, EventId(record.event), record.etag.view())});
    AddSpan(record.span);
    AddName(Like::kTitle, record.summary.view());
    AddName(Like::kCorrelation, absl::Uint128Low64(record.source.value));
    AddSeconds(record.retry_s);
    if (!record.IsBlock()) return;
    Add(record.highest - record.generation);
    Add(record.WasTakenAway(record.generation) ? 1 : 0);
    for (const uint64_t print : {record.written, record.accepted, record.actual, record.held_for}) AddName(Like::kPrint, print);
    const Record* source = group == nullptr ? nullptr : SourceOf(*group, record);
    if (source == nullptr) return;
    AddName(Like::kPrint, ContentFingerprintFor(*group, *source, record.calendar));
    if (record.held_for != 0) AddName(Like::kPrint, MirroredFingerprint(*group, *source, record.calendar));
  }

  void AddCalendar(const CalendarRow& row) {
    AddToken(row.sync_token.text());
    Add(static_cast<uint64_t>(row.role));
    AddFlags({row.walked, row.restored, row.sweep_held, row.unreachable});
    Add(static_cast<uint64_t>(row.failures) << 16 | static_cast<uint64_t>(row.walks_lost));
    for (const absl::Time rest : {row.calls_rest_until, row.writes_rest_until, row.lists_rest_until}) AddTime(rest);
    for (const ChannelRow& channel : row.channels) {
      AddName(Like::kChannel, channel.id.text());
      Add(static_cast<uint64_t>(channel.status));
      AddTime(channel.expiration);
    }
  }

  // ---- Under way

  void AddRequest(const Request& request) {
    Add(request.index());
    const CalendarId* calendar = CalendarOf(request);
    if (calendar != nullptr) Add(static_cast<uint64_t>(world_.CalendarIndex(*calendar)));
    const auto add_version = [&](const EventId& event, const std::optional<Etag>& if_match) {
      AddName(Like::kEvent, event.text());
      AddFlags({if_match.has_value(), if_match.has_value() && IsLatest(*calendar, event, if_match->text())});
    };
    std::visit(Overloaded{
                   [&](const ListEvents& call) {
                     AddToken(call.sync_token);
                     AddToken(call.page_token);
                   },
                   [&](const GetEvent& call) { AddName(Like::kEvent, call.event.text()); },
                   [&](const InsertEvent& call) {
                     AddName(Like::kEvent, call.event.id.text());
                     AddContent(call.event, FingerprintOf(call.event));
                   },
                   [&](const PatchEvent& call) {
                     add_version(call.event, call.if_match);
                     const EventPatch& patch = call.patch;
                     AddFlags({patch.status.has_value(), patch.start.has_value(), patch.summary.has_value()});
                     if (patch.start.has_value() && patch.end.has_value()) {
                       AddSpan({absl::ToUnixSeconds(patch.start->instant), absl::ToUnixSeconds(patch.end->instant), false});
                     }
                     if (patch.summary.has_value()) AddName(Like::kTitle, *patch.summary);
                     AddTags(patch.private_properties);
                   },
                   [&](const DeleteEvent& call) { add_version(call.event, call.if_match); },
                   [&](const WatchEvents& call) { AddName(Like::kChannel, call.channel.text()); },
                   [&](const StopChannel& call) { AddName(Like::kChannel, call.channel.text()); },
                   [&](const GetCalendar&) {},
                   // People and programs act at once.
                   [&](const auto&) { CALSYNC_CHECK(false); },
               },
               request);
  }

  void AddReply(const ReplyArrives& item) {
    AddName(Like::kCall, item.reply.call.value());
    const Reply& reply = item.reply.reply;
    Add(reply.index() * 256 + static_cast<uint64_t>(item.calendar + 1));
    std::visit(Overloaded{
                   [&](const EventsPage& page) {
                     for (const EventPtr& event : page.items) AddShown(event);
                     AddToken(page.next_page_token);
                     AddToken(page.next_sync_token);
                   },
                   [&](const EventPtr& event) { AddShown(event); },
                   [&](const Channel& channel) { AddName(Like::kChannel, channel.id.text()); },
                   [&](const auto&) { hash_.Add(Render(reply)); },
               },
               reply);
  }
  // What it shows is the latest version, or else what it shows.
  void AddShown(const EventPtr& event) {
    AddName(Like::kEvent, event->id.text());
    uint64_t latest = 0;
    for (int i = 0; i < world_.calendars(); ++i) {
      latest = latest * 2 + (IsLatest(world_.google_id(i), event->id, event->etag.text()) ? 1 : 0);
    }
    Add(latest);
    if (latest == 0) AddContent(*event, hasher_.FingerprintOf(event));
  }

  void AddPlan(const CallArrives& item) {
    const fake::CallPlan& plan = item.plan;
    Add(static_cast<uint64_t>(plan.answer) * 16 + static_cast<uint64_t>(plan.apply) * 4 + static_cast<uint64_t>(item.execution));
    if (plan.error.has_value()) hash_.Add(Render(Reply(*plan.error)));
    const fake::Conditions& seen = plan.conditions;
    AddFlags({seen.hostile_skip, seen.repeat_boundary, seen.drops_private});
    for (const absl::Duration lag : {seen.list_lag, seen.get_lag, seen.unseen_for}) {
      Add(static_cast<uint64_t>(absl::ToInt64Milliseconds(lag)));
    }
    AddTime(item.sent + plan.answered_after);
  }

  // Whose it is: of a process that died, or of the one that runs.
  void AddLife(int host, uint64_t incarnation) {
    Add(static_cast<uint64_t>(host) * 2 + (world_.host(host).incarnation() == incarnation ? 1 : 0));
  }

  void AddHappening(absl::Time time, const Happening& happening) {
    Add(happening.index());
    AddTime(time);
    std::visit(Overloaded{
                   [&](const CallArrives& item) {
                     AddLife(item.host, item.incarnation);
                     AddName(Like::kCall, item.call.id.value());
                     AddRequest(*item.call.request);
                     AddPlan(item);
                   },
                   [&](const ReplyArrives& item) {
                     AddLife(item.host, item.incarnation);
                     AddReply(item);
                   },
                   [&](const MessageArrives& item) {
                     AddName(Like::kChannel, item.message.channel.text());
                     Add(static_cast<uint64_t>(item.message.state) * 2 + (item.forged ? 1 : 0));
                   },
                   [&](const HostUp& item) { AddLife(item.host, item.incarnation); },
                   [&](const StepGoesOn& item) {
                     AddLife(item.host, item.incarnation);
                     Add(world_.host(item.host).unfinished().size());
                   },
                   [&](const Mended& item) { Add(static_cast<uint64_t>(item.what) * 16 + static_cast<uint64_t>(item.which)); },
                   [&](const ActorTurn& item) { Add(static_cast<uint64_t>(item.number)); },
                   // Of workers.
                   [&](const auto&) { CALSYNC_CHECK(false); },
               },
               happening);
  }

  const World& world_;
  StateHasher& hasher_;
  RunHash hash_;
  std::vector<std::pair<Like, uint64_t>> names_;  // In the order in which they were met.
  std::vector<std::vector<uint32_t>> positions_;  // Of tokens, by calendar, in order. The server numbers calendars as the world.
};

}  // namespace

absl::uint128 StateHasher::HashOf(const World& world) {
  if (tokens_.size() > kRememberedMax) tokens_.clear();
  if (events_.size() > kRememberedMax) events_.clear();
  return Walk(world, *this).Run();
}

const fake::TokenBody* StateHasher::TokenOf(const World& world, absl::string_view token) {
  if (token.empty()) return nullptr;
  const auto [at, is_new] = tokens_.try_emplace(token);
  if (is_new) at->second = world.server().Read(token);
  return at->second.has_value() ? &*at->second : nullptr;
}

uint64_t StateHasher::FingerprintOf(const EventPtr& event) {
  const auto [at, is_new] = events_.try_emplace(event.get());
  if (is_new) at->second = {event, calsync::FingerprintOf(*event)};
  return at->second.fingerprint;
}

}  // namespace calsync::sim
