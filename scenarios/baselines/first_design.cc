#include "scenarios/baselines/first_design.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/uuid.h"

namespace calsync::sim {
namespace {

// CalSyncProperties.
constexpr char kId[] = "calsync_id";
constexpr char kType[] = "calsync_type";
constexpr char kSource[] = "calsync_source";
constexpr char kUserEvent[] = "user_event";
constexpr char kBusyBlock[] = "busy_block";

constexpr absl::Duration kMaxAgeOfCreating = absl::Minutes(10);  // cleanup_creating_states

}  // namespace

std::string FirstDesign::Unsettled() const {
  return handlers_.empty() ? "" : absl::StrCat(handlers_.size(), " handlers are at work");
}

void FirstDesign::Begin(HandlerNumber handler, std::vector<CalendarKey> calendars) {
  handlers_[handler].calendars = std::move(calendars);
  SyncCalendar(handler);
}

void FirstDesign::OnAnswer(HandlerNumber number, const Reply& reply) {
  Handler& handler = handlers_.at(number);
  switch (handler.waits) {
    case Handler::Waits::kList:
      return Listed(number, reply);
    case Handler::Waits::kTag:  // "Continue - we have database state even if Google update failed"
      ++handler.event;
      return ProcessEvents(number);
    case Handler::Waits::kGet: {
      const auto* event = std::get_if<EventPtr>(&reply);
      if (event == nullptr) {  // "Could not fetch Google event": continue.
        ++handler.user_event;
        return CreateBusyBlocks(number);
      }
      handler.google_event = *event;
      handler.target = 0;
      return CreateSingleBusyBlock(number);
    }
    case Handler::Waits::kInsert:
      return BusyBlockAnswered(number, reply);
  }
}

void FirstDesign::NextCalendar(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  handler.calendars.erase(handler.calendars.begin());
  SyncCalendar(number);
}

void FirstDesign::SyncCalendar(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  while (!handler.calendars.empty() && Enabled(handler.calendars.front()) == nullptr)
    handler.calendars.erase(handler.calendars.begin());
  if (handler.calendars.empty()) {
    handlers_.erase(number);
    return;
  }
  states_.FailStuck(now_ - kMaxAgeOfCreating);
  handler.google_events.clear();
  handler.event = 0;
  handler.new_user_events.clear();
  handler.user_event = 0;
  handler.waits = Handler::Waits::kList;
  Call(number, ListEvents{.calendar = Enabled(handler.calendars.front())->google_id, .max_results = 2500});
}

void FirstDesign::Listed(HandlerNumber number, const Reply& reply) {
  Handler& handler = handlers_.at(number);
  const auto* page = std::get_if<EventsPage>(&reply);
  const LinkedCalendar* calendar = Enabled(handler.calendars.front());
  if (page == nullptr || calendar == nullptr) return NextCalendar(number);  // "Failed to sync calendar": swallowed.
  handler.google_events.insert(handler.google_events.end(), page->items.begin(), page->items.end());
  if (page->next_page_token.has_value()) {
    Call(number, ListEvents{.calendar = calendar->google_id, .page_token = page->next_page_token, .max_results = 2500});
    return;
  }
  ProcessEvents(number);
}

FirstDesign::Classification FirstDesign::ClassifyEvent(const Event& google_event, CorrelationId& correlation_id) const {
  const auto property = google_event.private_properties.find(kId);
  if (property == google_event.private_properties.end() || property->second.empty()) return Classification::kNewUserEvent;
  const std::optional<absl::uint128> value = ParseUuid(property->second);
  if (!value.has_value()) return Classification::kError;  // The database refuses the look-up: "Skip on error".
  correlation_id = CorrelationId{*value};
  return states_.FindById(correlation_id) != nullptr ? Classification::kTracked : Classification::kExternal;
}

void FirstDesign::ProcessEvents(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  while (handler.event < handler.google_events.size()) {
    const Event& google_event = *handler.google_events[handler.event];
    CorrelationId correlation_id;
    switch (ClassifyEvent(google_event, correlation_id)) {
      case Classification::kNewUserEvent:
        return CreateUserEventState(number, google_event);
      case Classification::kTracked:  // Ours, or tracked already: seen, and that is all.
        states_.See(correlation_id, now_);
        break;
      case Classification::kExternal:
      case Classification::kError:
        break;
    }
    ++handler.event;
  }
  CreateBusyBlocks(number);
}

void FirstDesign::CreateUserEventState(HandlerNumber number, const Event& google_event) {
  Handler& handler = handlers_.at(number);
  const CalendarKey calendar = handler.calendars.front();
  Record state{.kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced};
  state.id = NewId();
  state.calendar = calendar;
  state.event = google_event.id.shared();
  state.span = google_event.span();
  state.summary = SharedText(google_event.summary);
  state.made_s = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  state.seen_s = absl::ToUnixSeconds(now_);
  const std::string id = FormatUuid(state.id.value);
  handler.new_user_events.push_back({.state = state.id, .calendar = calendar, .event = google_event.id});
  states_.AddUserEvent(std::move(state));
  // update_event_correlation
  handler.waits = Handler::Waits::kTag;
  PatchEvent tag{.calendar = config_.Find(calendar)->google_id, .event = google_event.id};
  tag.patch.private_properties[kId] = id;
  tag.patch.private_properties[kType] = kUserEvent;
  Call(number, std::move(tag));
}

void FirstDesign::CreateBusyBlocks(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  while (handler.user_event < handler.new_user_events.size()) {
    const NewUserEvent& user_event = handler.new_user_events[handler.user_event];
    handler.targets = TargetsOf(user_event.calendar);
    if (handler.targets.empty()) {
      ++handler.user_event;
      continue;
    }
    handler.waits = Handler::Waits::kGet;
    Call(number, GetEvent{.calendar = config_.Find(user_event.calendar)->google_id, .event = user_event.event});
    return;
  }
  NextCalendar(number);
}

EventTime FirstDesign::ParseEventTime(const EventTime& time) const {
  switch (time.kind) {
    case EventTime::Kind::kDateTime:
      return EventTime::At(time.instant, "UTC");
    case EventTime::Kind::kDate:  // "T00:00:00+00:00"
      return EventTime::At(absl::FromCivil(time.date, absl::UTCTimeZone()), "UTC");
    case EventTime::Kind::kAbsent:
      return EventTime::At(absl::FromUnixSeconds(absl::ToUnixSeconds(now_)), "UTC");  // timezone.now()
  }
  return EventTime();
}

void FirstDesign::CreateSingleBusyBlock(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  if (handler.target == handler.targets.size()) {
    ++handler.user_event;
    return CreateBusyBlocks(number);
  }
  const NewUserEvent& user_event = handler.new_user_events[handler.user_event];
  const LinkedCalendar& source = *config_.Find(user_event.calendar);
  const LinkedCalendar& target = *config_.Find(handler.targets[handler.target]);
  const Event& google_event = *handler.google_event;
  // The state first …
  Event block = PlainBlock();
  block.summary = absl::StrCat("Busy - ", google_event.summary.empty() ? "Event" : google_event.summary);
  block.description = absl::StrCat("Busy block for event from ", source.name);
  block.start = ParseEventTime(google_event.start);
  block.end = ParseEventTime(google_event.end);
  Record state{.kind = RecordKind::kBlock, .status = RecordStatus::kCreating};
  state.id = handler.busy_block = NewId();
  state.calendar = target.key;
  state.source = user_event.state;
  state.summary = SharedText(block.summary);
  state.span = block.span();
  state.made_s = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  state.generation = state.highest = 1;
  state.sent = true;
  const EventId place = states_.AddBlock(std::move(state));
  // … then the call.
  block.private_properties[kId] = FormatUuid(handler.busy_block.value);
  block.private_properties[kType] = kBusyBlock;
  block.private_properties[kSource] = FormatUuid(user_event.state.value);
  handler.waits = Handler::Waits::kInsert;
  Call(number, InsertEvent{.calendar = target.google_id, .event = std::move(block)}, place);
}

void FirstDesign::BusyBlockAnswered(HandlerNumber number, const Reply& reply) {
  Handler& handler = handlers_.at(number);
  if (const auto* created = std::get_if<EventPtr>(&reply)) {
    states_.Settle(handler.busy_block, **created, now_);
    ++handler.target;
    return CreateSingleBusyBlock(number);
  }
  // "Clean up EventState if Google creation failed", and raise: the other targets of this event get nothing.
  const Record* state = states_.FindById(handler.busy_block);
  if (state != nullptr && state->status == RecordStatus::kCreating) states_.Delete(handler.busy_block);
  ++handler.user_event;
  CreateBusyBlocks(number);
}

}  // namespace calsync::sim
