// Calls and messages between the engines and Google, with what befalls them on the way.

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/render.h"
#include "scenarios/watcher.h"
#include "scenarios/wire.h"
#include "scenarios/world.h"

namespace calsync::sim {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);  // Then the host gives up a call.

ApiError Timeout() { return {.transport = Transport::kTimeout, .message = "no answer within 30 seconds"}; }

ApiError Rejected() {
  return {.transport = Transport::kAnswered, .code = 400, .domain = "global", .reason = "invalid", .message = "Invalid value."};
}

OrderedFault::Call CallOf(const Request& request) {
  using Call = OrderedFault::Call;
  return std::visit(Overloaded{
                        [](const ListEvents&) { return Call::kList; },
                        [](const GetEvent&) { return Call::kGet; },
                        [](const InsertEvent&) { return Call::kInsert; },
                        [](const PatchEvent&) { return Call::kPatch; },
                        [](const UpdateEvent&) { return Call::kPatch; },
                        [](const DeleteEvent&) { return Call::kDelete; },
                        [](const MoveEvent&) { return Call::kPatch; },
                        [](const ImportEvent&) { return Call::kInsert; },
                        [](const WatchEvents&) { return Call::kWatch; },
                        [](const StopChannel&) { return Call::kAny; },
                        [](const GetCalendar&) { return Call::kGet; },
                        [](const ListInstances&) { return Call::kList; },
                    },
                    request);
}

void Obey(const OrderedFault& order, fake::CallPlan& plan) {
  using Answer = fake::CallPlan::Answer;
  switch (order.outcome) {
    case OrderedFault::Outcome::kAnsweredWith:
      plan.apply = 0;
      plan.answer = Answer::kError;
      plan.error = order.error;
      return;
    case OrderedFault::Outcome::kAppliedAnsweredWith:
      plan.answer = Answer::kError;
      plan.error = order.error;
      return;
    case OrderedFault::Outcome::kRequestLost:
      plan.apply = 0;
      plan.answer = Answer::kNever;
      return;
    case OrderedFault::Outcome::kReplyLost:
      plan.answer = Answer::kNever;
      return;
    case OrderedFault::Outcome::kDelayed:
      plan.reaches_after += order.delay;
      plan.answered_after += order.delay;
      return;
    case OrderedFault::Outcome::kReplyDelayed:
      plan.answered_after += order.delay;
      return;
    case OrderedFault::Outcome::kReplyDoubled:
      return;  // It is no matter of the call.
    case OrderedFault::Outcome::kAppliedTwice:
      plan.apply = 2;
      plan.second_after = plan.reaches_after + std::max(order.delay, absl::Milliseconds(1));
      plan.answered_after = std::max(plan.answered_after, plan.second_after);
      return;
    case OrderedFault::Outcome::kHostileSkip:
      plan.conditions.hostile_skip = true;
      return;
    case OrderedFault::Outcome::kStale:
      plan.conditions.list_lag = order.delay;
      plan.conditions.get_lag = order.delay;
      return;
    case OrderedFault::Outcome::kUnseen:
      plan.conditions.unseen_for = order.delay;
      return;
  }
}

ReplyArrives::Asks AsksOf(const Request& request) {
  if (IsEventWrite(request)) return ReplyArrives::Asks::kEventWrite;
  const auto* list = std::get_if<ListEvents>(&request);
  if (list == nullptr) return ReplyArrives::Asks::kOther;
  return list->sync_token.has_value() ? ReplyArrives::Asks::kListingFromToken : ReplyArrives::Asks::kWholeListing;
}

bool IsListing(ReplyArrives::Asks asks) {
  return asks == ReplyArrives::Asks::kWholeListing || asks == ReplyArrives::Asks::kListingFromToken;
}

// Google's way to ask for a full walk (C-26).
bool AsksForAll(const ApiError& error, ReplyArrives::Asks asks) {
  if (error.transport != Transport::kAnswered) return false;
  return error.code == 410 || (error.code == 400 && asks == ReplyArrives::Asks::kListingFromToken);
}

calsync::ResourceState StateOf(fake::ResourceState state) {
  switch (state) {
    case fake::ResourceState::kSync:
      return calsync::ResourceState::kSync;
    case fake::ResourceState::kExists:
      return calsync::ResourceState::kExists;
    case fake::ResourceState::kNotExists:
      return calsync::ResourceState::kNotExists;
  }
  return calsync::ResourceState::kExists;
}

}  // namespace

void World::Sends(int instance, ApiCall& call) {
  Host& host = hosts_[static_cast<size_t>(instance)];
  return host.has_workers() ? QueueCall(host, call) : Leaves(host, call, Leaving::kAtOnce);
}

void World::Leaves(Host& host, ApiCall& call, Leaving leaving) {
  const int instance = host.number();
  const uint64_t incarnation = host.incarnation();
  ++counts_.calls[call.request->index()];
  if (!host.has_workers()) host.under_way().insert(call.id);  // Of workers: when it was decided.
  CheckSend(host, call, leaving);
  if (violation_.has_value()) return;
  int calendar = -1;
  if (const CalendarId* id = CalendarOf(*call.request)) {
    calendar = CalendarIndex(*id);
  } else if (const auto* stop = std::get_if<StopChannel>(call.request.get())) {
    calendar = CalendarOfKey(host.durable().CalendarOfChannel(stop->channel));
  }
  if (calendar < 0) calendar = CalendarOfKey(host.config().calendars.front().key);
  const fake::Caller caller{sync_account(calendar), host.actor()};
  if (IsEventWrite(*call.request)) {
    ++host.writes_sent;
    if (quiet_) host.last_write = Render(*call.request);  // Words are slow, and only a quiet day asks for them.
    counts_.event_writes += 1;
  }
  if (std::holds_alternative<ListEvents>(*call.request)) ++host.lists_sent;
  if (std::holds_alternative<WatchEvents>(*call.request)) ++host.watches_sent;

  int answers = 1;
  fake::CallPlan plan = PlanCall(host, caller, *call.request);
  for (auto order = ordered_.begin(); order != ordered_.end(); ++order) {
    if (order->instance != instance || (order->calendar >= 0 && order->calendar != calendar)) continue;
    if (order->call != OrderedFault::Call::kAny && order->call != CallOf(*call.request)) continue;
    if (order->skip > 0) {
      --order->skip;
      continue;
    }
    if (order->outcome == OrderedFault::Outcome::kReplyDoubled) answers = 2;
    Obey(*order, plan);
    ++host.disturbed_calls;
    if (--order->times <= 0) ordered_.erase(order);
    break;
  }

  if (watcher_ != nullptr) watcher_->Sends(host, calendar, call, plan, now_);
  if (chaos_ && !lurkers_.empty()) StrikeAt(host, calendar, *call.request);

  // The host gives up after a while; an answer may still come behind that.
  const bool overdue = plan.answer == fake::CallPlan::Answer::kNever || plan.answered_after > kCallTimeout;
  CheckPatienceOf(host, calendar);
  if (overdue) TakeAnswer(host, calendar, *call.request, Timeout());
  if (overdue)
    agenda_.Put(now_ + kCallTimeout,
                ReplyArrives{instance, host.floor(), incarnation, {call.id, Timeout()}, calendar, AsksOf(*call.request)});
  if (plan.apply == 0) {
    if (plan.answer == fake::CallPlan::Answer::kError) {
      Reply refused = Refused(*call.request, *plan.error);
      TakeAnswer(host, calendar, *call.request, refused);
      const ReplyArrives arrives{instance, host.floor(),         incarnation, {call.id, std::move(refused)},
                                 calendar, AsksOf(*call.request)};
      for (int i = 0; i < answers; ++i) agenda_.Put(now_ + plan.answered_after, arrives);
    }
    return;
  }
  CallArrives first{instance, host.floor(), incarnation, std::move(call), std::move(plan), now_, 1, answers};
  const absl::Time reaches = now_ + first.plan.reaches_after;
  if (first.plan.apply < 2) return agenda_.Put(reaches, std::move(first));
  CallArrives second = first;
  second.execution = 2;
  const absl::Time again = now_ + second.plan.second_after;
  agenda_.Put(reaches, std::move(first));
  agenda_.Put(again, std::move(second));
}

// A call leaves: whoever waited for such a one acts while it is under way.
void World::StrikeAt(const Host& host, int calendar, const Request& request) {
  using Moment = Lurkers::Moment;
  switch (CallOf(request)) {
    case OrderedFault::Call::kList:
      return Strike(Moment::kListing);
    case OrderedFault::Call::kGet:
      return Strike(Moment::kRead);
    case OrderedFault::Call::kInsert:
      return Strike(Moment::kInsert);
    case OrderedFault::Call::kPatch: {
      const auto* patch = std::get_if<PatchEvent>(&request);
      const RowDigest* row = patch == nullptr ? nullptr : host.durable().Find(KeyOf(calendar), patch->event);
      return Strike(row != nullptr && row->kind == RecordKind::kUserEvent ? Moment::kTag : Moment::kPatch);
    }
    case OrderedFault::Call::kDelete:
      return Strike(Moment::kDelete);
    case OrderedFault::Call::kWatch:
      return Strike(Moment::kWatch);
    case OrderedFault::Call::kAny:
      return;
  }
}

fake::CallPlan World::PlanCall(Host& host, const fake::Caller& caller, const Request& request) {
  fake::CallPlan plan = faults_.PlanCall(caller, request, now_, [this](uint64_t bound, absl::string_view label) {
    return choices_.Choose(Stream::kNetwork, bound, label);
  });
  if (plan.fault.has_value() || plan.view_fault.has_value()) ++host.disturbed_calls;
  // Google refuses every block of some sources, for good.
  EventId block;
  if (const auto* insert = std::get_if<InsertEvent>(&request)) block = insert->event.id;
  if (const auto* patch = std::get_if<PatchEvent>(&request); patch != nullptr && patch->patch.start.has_value())
    block = patch->event;
  if (!block.empty() && plan_.knobs.rejected_events > 0) {
    const int calendar = CalendarIndex(*CalendarOf(request));
    if (const RowDigest* row = host.durable().Find(KeyOf(calendar), block); row != nullptr && !row->source.empty()) {
      if (const Place* place = host.durable().FindById(row->source)) {
        const GhostEvent* source = ghost_.Find(CalendarOfKey(place->calendar), place->event);
        if (source != nullptr && source->rejected) {
          plan.apply = 0;
          plan.answer = fake::CallPlan::Answer::kError;
          plan.error = Rejected();
        }
      }
    }
  }
  return plan;
}

void World::OnCall(CallArrives& item) {
  Host& host = hosts_[static_cast<size_t>(item.host)];
  const Request& request = *item.call.request;
  int calendar = -1;
  const auto* list = std::get_if<ListEvents>(&request);
  if (const CalendarId* id = CalendarOf(request)) calendar = CalendarIndex(*id);
  // What the listing of a former owner or of a process that died shows, the present one has not seen.
  const bool of_owner =
      host.has_workers() ? workers_.Owns(item.worker, host.config().id) : item.incarnation == host.incarnation();
  if (list != nullptr && !list->page_token.has_value() && of_owner) {
    const absl::Duration lag = std::max(item.plan.conditions.list_lag, server_.knobs().list_lag);
    Host::Listings& listings = host.listings(calendar);
    listings.begun = now_ - lag;
    listings.sent = item.sent;
    listings.begun_in_full = !list->sync_token.has_value();
  }
  int account = calendar;
  if (const auto* stop = std::get_if<StopChannel>(&request)) {
    account = CalendarOfKey(host.durable().CalendarOfChannel(stop->channel));
  }
  if (account < 0) account = CalendarOfKey(host.config().calendars.front().key);

  const fake::Caller caller{sync_account(account), host.actor()};
  Reply reply = plan_.wire ? AskThroughText(server_, caller, request, now_, item.plan.conditions)
                           : server_.Handle(caller, request, now_, item.plan.conditions);
  if (calendar >= 0 && server_.bent()) {
    // What a delta skipped, or a read showed wrongly, only a full walk finds again (K-23). One that begins once the answer was
    // heard: what a read shows counts as seen in the walk that is under way (legacy seed 4583).
    absl::Time& needed = full_walk_needed_[static_cast<size_t>(calendar)];
    needed = std::max({needed, now_, item.sent + item.plan.answered_after});
  }
  TakeChosenId(host, item, reply);
  Pump();
  if (violation_.has_value()) return;
  if (item.execution < item.plan.apply) return;  // The last execution makes the answer.
  hash_.Add(static_cast<uint64_t>(reply.index()));
  if (item.plan.answer == fake::CallPlan::Answer::kNever) return;
  if (item.plan.answer == fake::CallPlan::Answer::kError) reply = Refused(request, *item.plan.error);
  if (item.plan.answered_after <= kCallTimeout) TakeAnswer(host, account, request, reply);
  // What is answered too late was not heard: nobody may take it for written (seed 21413).
  const bool heard = item.plan.answered_after <= kCallTimeout && std::holds_alternative<EventPtr>(reply);
  if (const auto* patch = std::get_if<PatchEvent>(&request); patch != nullptr && heard) {
    CountPatch(host, {calendar, patch->event});
  }
  if (const auto* page = std::get_if<EventsPage>(&reply)) hash_.Add(page->items.size());
  const absl::Time answered = std::max(now_, item.sent + item.plan.answered_after);
  ReplyArrives arrives{item.host, item.worker, item.incarnation, {item.call.id, std::move(reply)}, account, AsksOf(request)};
  for (int i = 1; i < item.answers; ++i) agenda_.Put(answered, arrives);
  agenda_.Put(answered, std::move(arrives));
}

Reply World::Refused(const Request& request, const ApiError& error) const {
  return plan_.wire ? RefuseThroughText(request, error, now_) : Reply(error);
}

// Google is patient with those who are (E4).
void World::CheckPatienceOf(Host& host, int calendar) {
  Outage& outage = host.listings(calendar).outage;
  if (outage.since == absl::InfiniteFuture()) return;
  ++outage.calls;
  Check(Law::kL8, CheckPatience(outage, host.restarts, now_));
}

// What is on its way to an engine: from then on nothing was heard of the calendar, or it was.
void World::TakeAnswer(Host& host, int calendar, const Request& request, const Reply& reply) {
  Host::Listings& listings = host.listings(calendar);
  if (!SaysAgain(reply)) {
    listings.outage = {};
  } else if (listings.outage.since == absl::InfiniteFuture()) {
    listings.outage = {.since = now_, .restarts = host.restarts};
  }
  const auto* list = std::get_if<ListEvents>(&request);
  if (list == nullptr) return;
  const bool page = std::holds_alternative<EventsPage>(reply);
  if (!page) ++listings.broken;
  if (page && !list->sync_token.has_value() && !list->page_token.has_value()) ++listings.shown_in_full;
}

void World::CountPatch(Host& host, const Spot& spot) {
  const RowDigest* row = host.durable().Find(KeyOf(spot.calendar), spot.event);
  if (!host.memory_intact || row == nullptr) return;
  PatchCount& count = host.patches[spot];
  if (row->kind == RecordKind::kUserEvent) {
    ++count.tags;
    return Check(Law::kL8, CheckTags(count, host.restarts));
  }
  const uint64_t explained = ghost_.foreign_writes() - ghost_.foreign_block_touches() + host.commands + host.disturbed_calls;
  const int64_t day = absl::ToUnixSeconds(host.ClockAt(now_)) / 86400;
  if (day != count.day) count = {.day = day, .explained = explained};
  ++count.patches;
  Check(Law::kL8, CheckRestores(count, explained, host.restarts));
}

// After a restore the engine believes no cancellation to be a person's until all that the first walk met is read.
void World::Review(Host& host, int calendar) const {
  Host::Listings& listings = host.listings(calendar);
  if (listings.reviewed > host.amnesty || listings.seen_in_full < host.amnesty) return;
  const CalendarRow* const row = host.baseline() == nullptr ? host.engine().calendar(KeyOf(calendar)) : nullptr;
  if (row == nullptr || !row->restored) listings.reviewed = now_;
}

void World::OnReply(ReplyArrives& item) {
  if (Waits(item)) return;
  Host& host = hosts_[static_cast<size_t>(item.host)];
  host.GiveFloor(item.worker);
  const bool awaited = host.under_way().erase(item.reply.call) > 0;
  if (awaited && host.has_workers()) host.one_owner.Answered(item.reply.call);
  if (!host.running() || host.incarnation() != item.incarnation) return EndIfLeft(host);  // Nobody is there to hear it.
  const bool of_owner = !host.has_workers() || workers_.Owns(item.worker, host.config().id);
  const auto* page = std::get_if<EventsPage>(&item.reply.reply);
  const auto* error = std::get_if<ApiError>(&item.reply.reply);
  const bool is_last_page = page != nullptr && page->next_sync_token.has_value();
  if (is_last_page && awaited && of_owner) {
    Host::Listings& listings = host.listings(item.calendar);
    listings.seen = listings.begun;
    if (listings.begun_in_full) listings.seen_in_full = std::min(listings.begun, listings.sent);
  }
  const bool listed = is_last_page && awaited && ShowsEvents(page->access_role);
  const bool failed = error != nullptr && awaited && IsListing(item.asks) && !AsksForAll(*error, item.asks);
  // Heard only now: it may have lain there while the process slept (seed 510555).
  if (error != nullptr && awaited && (error->code == 401 || error->code == 403 || error->code == 404)) {
    if (IsListing(item.asks)) host.listings(item.calendar).answered.refused = now_;
    if (item.asks == ReplyArrives::Asks::kEventWrite) host.listings(item.calendar).answered.write_refused = now_;
  }
  // It may die of it, and then it was not heard; nor can that be said while its disk takes its time (seed 921098713).
  const absl::Time listed_before = listed ? std::exchange(host.listings(item.calendar).answered.listed, now_) : now_;
  if ((listed || failed) && !host.has_workers()) host.HearListing(now_, failed);
  StepEngine(item.host, std::move(item.reply), Origin::kReply, awaited ? "" : "an answer that it waits for no more");
  const bool died = !host.running() || host.incarnation() != item.incarnation;
  if (listed && (died || !host.unfinished().empty())) host.listings(item.calendar).answered.listed = listed_before;
  if (is_last_page && awaited && of_owner && !died) Review(host, item.calendar);
  EndIfLeft(host);
}

// ---- Messages ----

void World::Pump() {
  if (!server_.writes().empty()) {
    for (const fake::WriteRecord& write : server_.writes()) Observe(write);
    server_.ClearWrites();
  }
  if (server_.HasMessages()) {
    for (const fake::PushMessage& message : server_.TakeMessages()) Deliver(message);
  }
}

void World::Deliver(const fake::PushMessage& message) {
  fake::MessagePlan plan = faults_.PlanMessage(message, now_, [this](uint64_t bound, absl::string_view label) {
    return choices_.Choose(Stream::kNotifications, bound, label);
  });
  const int calendar = CalendarIndex(message.calendar);
  const absl::Duration held = calendar < 0 ? absl::ZeroDuration() : message_delays_[static_cast<size_t>(calendar)];
  if (held == absl::InfiniteDuration()) return;
  // The number of the host ends the address.
  const size_t slash = message.address.rfind('/');
  CALSYNC_CHECK(slash != std::string::npos);
  const int instance = std::atoi(message.address.c_str() + slash + 1);
  if (watcher_ != nullptr) watcher_->PlansMessage(hosts_[static_cast<size_t>(instance)], plan);
  for (fake::MessagePlan::Delivery& delivery : plan.deliveries) {
    fake::PushMessage& arrives = delivery.message;
    const bool forged = delivery.forged && (arrives.channel != message.channel || arrives.token != message.token);
    agenda_.Put(now_ + delivery.after + held,
                MessageArrives{.host = instance,
                               .message = {std::move(arrives.channel), std::move(arrives.token), StateOf(arrives.state)},
                               .forged = forged});
  }
}

void World::OnMessage(MessageArrives& item) {
  if (item.host >= instances()) return;
  if (hosts_[static_cast<size_t>(item.host)].has_workers()) return OnWorkerMessage(item);
  HearMessage(item);
}

void World::HearMessage(MessageArrives& item) {
  constexpr int kAttemptsMax = 8;
  Host& host = hosts_[static_cast<size_t>(item.host)];
  const Notification& message = item.message;
  if (watcher_ != nullptr) watcher_->Hears(host, message);
  if (!host.running() || BusyUntil(host, host.floor()) > now_) {  // Nobody answers, or something in between says 503.
    if (!chaos_ || !plan_.knobs.redelivers || item.attempt >= kAttemptsMax) return;
    Count(Mishap::kRedelivered);
    const absl::Time again = now_ + absl::Seconds(1 << item.attempt);
    ++item.attempt;
    return agenda_.Put(again, std::move(item));
  }
  for (const LinkedCalendar& linked : host.config().calendars) {
    if (message.state == ResourceState::kSync) continue;
    const CalendarRow* row = host.running() ? host.engine().calendar(linked.key) : nullptr;
    // One that names a channel and not its token is inert (S-6), also when it is brought again long after (seed 13964311).
    const auto is_of_it = [&](const ChannelRow& channel) {
      return channel.id == message.channel && channel.token.Equals(message.token);
    };
    if (row == nullptr || std::none_of(row->channels.begin(), row->channels.end(), is_of_it)) continue;
    Host::Listings& listings = host.listings(CalendarOfKey(linked.key));
    // Of what a feed of busy times shows nothing follows.
    const bool heeds = linked.state == LinkState::kEnabled && !row->unreachable && ShowsEvents(row->role);
    if (heeds) listings.answered.told = now_;
    if (linked.state == LinkState::kEnabled) listings.answered.heard = now_;
    if (message.state == ResourceState::kExists) listings.told = now_;
  }
  StepEngine(item.host, std::move(item.message), Origin::kOther, item.forged ? "a forged message" : "");
}

}  // namespace calsync::sim
