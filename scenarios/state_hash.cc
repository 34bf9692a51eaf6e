#include "scenarios/state_hash.h"

#include <algorithm>
#include <string>

#include "engine/base/overloaded.h"
#include "engine/render.h"
#include "scenarios/run_hash.h"

namespace calsync::sim {
namespace {

// Whole tenths of a second from now; what is over is over.
uint64_t Until(absl::Time time, absl::Time now) {
  if (time == absl::InfiniteFuture()) return ~uint64_t{0};
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Milliseconds(time - now) / 100));
}

void AddGoogle(const World& world, RunHash& hash) {
  for (int i = 0; i < world.calendars(); ++i) {
    const fake::Calendar* calendar = world.server().FindCalendar(world.google_id(i));
    if (calendar == nullptr) continue;
    hash.Add(calendar->log_end());  // What a sync token is behind of.
    hash.Add(calendar->token_epoch());
    for (const auto& [id, entry] : calendar->by_id()) {
      const Event& event = *calendar->Current(entry);
      hash.Add(id.text());
      hash.Add(static_cast<uint64_t>(event.status) * 8 + static_cast<uint64_t>(event.transparency));
      hash.Add(static_cast<uint64_t>(event.span().start));
      hash.Add(static_cast<uint64_t>(event.span().end));
      hash.Add(event.summary);
      hash.Add(event.private_properties.size() * 16 + event.attendees.size());
    }
  }
}

void AddRow(const World& world, const Record& record, RunHash& hash) {
  const int at = static_cast<int>(record.calendar.value()) - 1;
  const EventPtr* google = world.server().Find(world.google_id(at), EventId(record.event));
  hash.Add(record.event.view());
  hash.Add(google != nullptr && (*google)->etag.text() == record.etag.view() ? 1 : 0);
  hash.Add(static_cast<uint64_t>(record.kind) | static_cast<uint64_t>(record.status) << 8 |
           static_cast<uint64_t>(record.seen_as) << 16 | static_cast<uint64_t>(record.tag) << 24 |
           static_cast<uint64_t>(record.hold) << 32 | static_cast<uint64_t>(record.blocking) << 40 |
           static_cast<uint64_t>(record.attempts) << 48 | static_cast<uint64_t>(record.tag_attempts) << 56);
  const bool flags[] = {record.must_read, record.absent, record.sent,   record.ambiguous,
                        record.taken,     record.tagged, record.guests, record.source.empty()};
  uint64_t bits = 0;
  for (const bool flag : flags) bits = bits * 2 + (flag ? 1 : 0);
  hash.Add(bits);
  hash.Add(static_cast<uint64_t>(record.span.start));
  hash.Add(static_cast<uint64_t>(record.span.end));
  hash.Add(static_cast<uint64_t>(record.generation) << 32 | record.highest);
  hash.Add(record.written);
  hash.Add(record.accepted);
  hash.Add(record.actual);
  hash.Add(Until(absl::FromUnixSeconds(record.retry_s), world.now()));
}

void AddHost(const World& world, const Host& host, RunHash& hash) {
  const GroupImage image = host.image();
  for (const Record& record : image.records) AddRow(world, record, hash);
  for (const CalendarRow& row : image.calendars) {
    hash.Add(row.sync_token.text());
    const bool flags[] = {row.walked, row.restored, row.sweep_held, row.unreachable};
    uint64_t bits = static_cast<uint64_t>(row.role);
    for (const bool flag : flags) bits = bits * 2 + (flag ? 1 : 0);
    hash.Add(bits);
    hash.Add(static_cast<uint64_t>(row.failures) << 16 | static_cast<uint64_t>(row.walks_lost));
    for (const absl::Time rest : {row.calls_rest_until, row.writes_rest_until, row.lists_rest_until})
      hash.Add(Until(rest, world.now()));
    for (const ChannelRow& channel : row.channels) {
      hash.Add(channel.id.text());
      hash.Add(static_cast<uint64_t>(channel.status));
    }
  }
  hash.Add(image.group.breaker_open ? 1 : 0);
  for (const OperatorCommand& word : host.lost_words()) hash.Add(Render(Input(word)));
  hash.Add(host.running() ? 1 : 0);
  if (!host.running()) return;
  hash.Add(host.calls_in_flight());
  hash.Add(host.engine().Unsettled());
  hash.Add(Until(host.timer(), world.now()));
}

void AddAgenda(const World& world, RunHash& hash) {
  const auto lives = [&](int host, uint64_t incarnation) {
    return static_cast<uint64_t>(host) * 2 + (world.host(host).incarnation() == incarnation ? 1 : 0);
  };
  world.agenda().ForEach([&](absl::Time time, const Happening& happening) {
    hash.Add(Until(time, world.now()));
    std::visit(Overloaded{
                   [&](const CallArrives& item) {
                     hash.Add(lives(item.host, item.incarnation));
                     hash.Add(Render(*item.call.request));
                     hash.Add(static_cast<uint64_t>(item.plan.answer) * 16 + static_cast<uint64_t>(item.plan.apply) * 4 +
                              static_cast<uint64_t>(item.execution));
                     const fake::Conditions& seen = item.plan.conditions;
                     hash.Add((seen.hostile_skip ? 1u : 0u) + (seen.repeat_boundary ? 2u : 0u));
                     for (const absl::Duration lag : {seen.list_lag, seen.get_lag, seen.unseen_for}) {
                       hash.Add(static_cast<uint64_t>(absl::ToInt64Milliseconds(lag)));
                     }
                     hash.Add(Until(item.sent + item.plan.answered_after, world.now()));
                   },
                   [&](const ReplyArrives& item) {
                     hash.Add(lives(item.host, item.incarnation));
                     hash.Add(Render(item.reply.reply));
                     hash.Add(static_cast<uint64_t>(item.listed + 1));
                   },
                   [&](const MessageArrives& item) {
                     hash.Add(item.message.channel.text());
                     hash.Add(static_cast<uint64_t>(item.message.state));
                   },
                   [&](const HostUp& item) { hash.Add(lives(item.host, item.incarnation)); },
                   [&](const CallLeaves& item) { hash.Add(Render(*item.call.request)); },
                   [&](const StepGoesOn& item) { hash.Add(item.effects.size()); },
                   [&](const ActorTurn& item) { hash.Add(static_cast<uint64_t>(item.number)); },
                   [&](const Mended& item) { hash.Add(static_cast<uint64_t>(item.which)); },
                   [&](const WorkerTurn& item) { hash.Add(static_cast<uint64_t>(item.worker)); },
                   [&](const BeatArrives& item) { hash.Add(static_cast<uint64_t>(item.worker)); },
                   [&](const BeatAnswered& item) { hash.Add(static_cast<uint64_t>(item.worker)); },
               },
               happening);
  });
}

}  // namespace

absl::uint128 StateHashOf(const World& world) {
  RunHash hash;
  AddGoogle(world, hash);
  for (int i = 0; i < world.instances(); ++i) AddHost(world, world.host(i), hash);
  AddAgenda(world, hash);
  // What lasts is known by when it began: such states are met again only at the same time.
  hash.Add(world.IsDisturbed() ? static_cast<uint64_t>(absl::ToUnixMillis(world.now())) : 0);
  return hash.value();
}

}  // namespace calsync::sim
