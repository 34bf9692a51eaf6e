#include "scenarios/baselines/text_marks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/decide/legacy.h"

namespace calsync::sim {
namespace {

// is_system_busy_block(summary) or is_system_busy_block(description)
bool IsMarked(const Event& event) { return TextMarkOf(LegacyMarks(), event.summary, event.description).bits != 0; }

}  // namespace

std::string TextMarks::Unsettled() const {
  return handlers_.empty() ? "" : absl::StrCat(handlers_.size(), " handlers are at work");
}

void TextMarks::Begin(HandlerNumber handler, std::vector<CalendarKey> calendars) {
  handlers_[handler].calendars = std::move(calendars);
  SyncCalendar(handler);
}

void TextMarks::SyncCalendar(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  while (!handler.calendars.empty() && Enabled(handler.calendars.front()) == nullptr)
    handler.calendars.erase(handler.calendars.begin());
  if (handler.calendars.empty()) {
    handlers_.erase(number);
    return;
  }
  handler.shown.clear();
  handler.event = handler.target = 0;
  handler.inserting = false;
  handler.to_list = TargetsOf(handler.calendars.front());
  handler.to_list.insert(handler.to_list.begin(), handler.calendars.front());
  Call(number, ListEvents{.calendar = config_.Find(handler.to_list.front())->google_id, .max_results = 2500});
}

void TextMarks::NextCalendar(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  handler.calendars.erase(handler.calendars.begin());
  SyncCalendar(number);
}

void TextMarks::OnAnswer(HandlerNumber number, const Reply& reply) {
  Handler& handler = handlers_.at(number);
  if (!handler.inserting) return Listed(number, reply);
  if (const auto* made = std::get_if<EventPtr>(&reply)) {
    states_.Settle(handler.block, **made, now_);
    handler.shown[TargetsOf(handler.calendars.front())[handler.target]].push_back(*made);
  }
  ++handler.target;
  CreateBlocks(number);
}

void TextMarks::Listed(HandlerNumber number, const Reply& reply) {
  Handler& handler = handlers_.at(number);
  const auto* page = std::get_if<EventsPage>(&reply);
  if (page == nullptr) return NextCalendar(number);  // Swallowed.
  const CalendarKey listed = handler.to_list.front();
  std::vector<EventPtr>& shown = handler.shown[listed];
  shown.insert(shown.end(), page->items.begin(), page->items.end());
  if (!page->next_page_token.has_value()) handler.to_list.erase(handler.to_list.begin());
  if (handler.to_list.empty()) return CreateBlocks(number);
  Call(number, ListEvents{.calendar = config_.Find(handler.to_list.front())->google_id,
                          .page_token = page->next_page_token,
                          .max_results = 2500});
}

CorrelationId TextMarks::StateOf(CalendarKey calendar, const Event& event) {
  Record state{.kind = RecordKind::kUserEvent, .status = RecordStatus::kSynced};
  state.id = NewId();
  state.calendar = calendar;
  state.event = event.id.shared();
  state.span = event.span();
  state.summary = SharedText(event.summary);
  state.made_s = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
  const CorrelationId id = state.id;
  states_.AddUserEvent(std::move(state));
  return id;
}

void TextMarks::CreateBlocks(HandlerNumber number) {
  Handler& handler = handlers_.at(number);
  const CalendarKey calendar = handler.calendars.front();
  const std::vector<EventPtr>& events = handler.shown[calendar];
  const std::vector<CalendarKey> targets = TargetsOf(calendar);
  for (; handler.event < events.size(); ++handler.event, handler.target = 0) {
    const Event& event = *events[handler.event];
    if (event.IsCancelled() || IsMarked(event)) continue;
    for (; handler.target < targets.size(); ++handler.target) {
      const LinkedCalendar& target = *config_.Find(targets[handler.target]);
      Event block = PlainBlock();
      block.summary = absl::StrCat("Busy - ", event.summary.empty() ? "Event" : event.summary);
      block.description = absl::StrCat("Busy block for event from ", config_.Find(calendar)->name);
      block.start = event.start;
      block.end = event.end;
      const std::vector<EventPtr>& there = handler.shown[target.key];
      const bool has_block = std::any_of(there.begin(), there.end(), [&](const EventPtr& other) {
        return other->summary == block.summary && other->span() == block.span();
      });
      if (has_block) continue;
      Record state{.kind = RecordKind::kBlock, .status = RecordStatus::kCreating};
      state.id = handler.block = NewId();
      state.calendar = target.key;
      state.source = StateOf(calendar, event);
      state.summary = SharedText(block.summary);
      state.span = block.span();
      state.made_s = static_cast<uint32_t>(absl::ToUnixSeconds(now_));
      state.generation = state.highest = 1;
      state.sent = true;
      const EventId place = states_.AddBlock(std::move(state));
      handler.inserting = true;
      Call(number, InsertEvent{.calendar = target.google_id, .event = std::move(block)}, place);
      return;
    }
  }
  NextCalendar(number);
}

}  // namespace calsync::sim
