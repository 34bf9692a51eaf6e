#include "adapter/page/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <utility>
#include <vector>

namespace calsync::adapter {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Families in the order of their first sample.
class Families {
 public:
  void Gauge(const char* name, const char* help, Labels labels, double value) {
    At(name, help, MetricType::Gauge, std::move(labels)).gauge.value = value;
  }
  void Counter(const char* name, const char* help, Labels labels, double value) {
    At(name, help, MetricType::Counter, std::move(labels)).counter.value = value;
  }
  void Histogram(const char* name, const char* help, Labels labels, const Tally& tally) {
    ClientMetric::Histogram& histogram = At(name, help, MetricType::Histogram, std::move(labels)).histogram;
    for (size_t i = 0; i < Tally::kBounds.size(); ++i) {
      histogram.sample_count += static_cast<uint64_t>(tally.counts[i]);
      histogram.bucket.push_back({histogram.sample_count, static_cast<double>(Tally::kBounds[i]) / 1000});
    }
    histogram.sample_count += static_cast<uint64_t>(tally.counts.back());
    histogram.sample_sum = static_cast<double>(tally.sum_ms) / 1000;
  }
  const std::vector<MetricFamily>& all() const { return families_; }

 private:
  ClientMetric& At(const char* name, const char* help, MetricType type, Labels labels) {
    const auto [found, fresh] = index_.emplace(name, families_.size());
    if (fresh) families_.push_back({name, help, type, {}});
    ClientMetric& metric = families_[found->second].metric.emplace_back();
    metric.label = std::move(labels);
    return metric;
  }
  std::map<std::string, size_t> index_;
  std::vector<MetricFamily> families_;
};

constexpr struct {
  const char* name;
  int64_t Figures::*value;
  const char* help;
} kFigures[] = {
    {"calsync_total_events_tracked", &Figures::total_events_tracked, "Events and blocks that live, as far as is known."},
    {"calsync_user_events_tracked", &Figures::user_events_tracked, "Of them events of people."},
    {"calsync_busy_blocks_tracked", &Figures::busy_blocks_tracked, "Of them busy blocks, planned ones too."},
    {"calsync_events_created_by_us", &Figures::events_created_by_us, "Of them made by CalSync."},
    {"calsync_events_created_by_users", &Figures::events_created_by_users, "Of them made by people."},
    {"calsync_events_created_24h", &Figures::events_created_24h, "Of them made, or met first, in the last 24 hours."},
    {"calsync_busy_blocks_created_24h", &Figures::busy_blocks_created_24h, "Of these busy blocks."},
    {"calsync_events_stuck_creating", &Figures::events_stuck_creating, "Blocks that Google has not confirmed yet."},
    {"calsync_events_not_seen_recently", &Figures::events_not_seen_recently,
     "Events and blocks on calendars whose last good listing is two hours old."},
    {"calsync_events_by_calendar", &Figures::total_events_tracked, "Events and blocks that live on the calendar."},
};

constexpr struct {
  const char* name;
  int64_t Counters::*value;
  const char* help;
} kCounters[] = {
    {"calsync_calendars_processed_total", &Counters::calendars_processed, "Listings that came to their end."},
    {"calsync_events_processed_total", &Counters::events_processed, "Rows of listings."},
    {"calsync_user_events_found_total", &Counters::user_events_found, "Events of people that were new."},
    {"calsync_busy_blocks_created_total", &Counters::busy_blocks_created, "Blocks that Google confirmed."},
    {"calsync_our_events_skipped_total", &Counters::our_events_skipped, "Rows that were blocks of ours."},
    {"calsync_external_events_skipped_total", &Counters::external_events_skipped, "Rows that were another installation's."},
    {"calsync_errors_total", &Counters::errors, "Calls that ended in an error."},
};

void AddCalendar(Families& families, const Board::Group& group, const std::string& id, const CalendarHealth& calendar,
                 absl::Time now) {
  const Labels labels = {{"group", id}, {"calendar", group.NameOf(calendar.calendar)}};
  for (const auto& figure : kFigures) {
    families.Gauge(figure.name, figure.help, labels, static_cast<double>(calendar.figures.*figure.value));
  }
  if (const auto counters = group.counters.find(calendar.calendar); counters != group.counters.end()) {
    for (const auto& counter : kCounters) {
      families.Counter(counter.name, counter.help, labels, static_cast<double>(counters->second.*counter.value));
    }
  }
  constexpr const char* kQueues[] = {"read", "delete", "insert", "update", "tag"};
  for (size_t kind = 0; kind < kOwedKinds; ++kind) {
    Labels queue = labels;
    queue.push_back({"owes", kQueues[kind]});
    families.Gauge("calsync_queue_length", "Rows whose call may leave now.", std::move(queue),
                   static_cast<double>(calendar.queued[kind]));
  }
  if (calendar.last_pass != absl::InfinitePast()) {
    families.Gauge("calsync_last_good_pass_age_seconds", "Since the last good listing.", labels,
                   absl::ToDoubleSeconds(now - calendar.last_pass));
  }
  if (calendar.channel_opened != absl::InfinitePast()) {
    families.Gauge("calsync_channel_age_seconds", "Since Google opened the calendar's channel.", labels,
                   absl::ToDoubleSeconds(now - calendar.channel_opened));
    families.Gauge("calsync_channel_expires_seconds", "Until it ends.", labels,
                   absl::ToDoubleSeconds(calendar.channel_expires - now));
  }
}

// One for each condition, so that one that clears is seen to be 0.
void AddAlerts(Families& families, const Board::Group& group, const std::string& id) {
  for (size_t kind = 0; kind < kAlertKinds; ++kind) {
    double raised = 0;
    for (const Alert& alert : group.health.alerts) raised += alert.kind == static_cast<AlertKind>(kind) ? 1 : 0;
    families.Gauge("calsync_alert", "How many calendars, or the group, are in this condition.",
                   {{"group", id}, {"alert", std::string(Name(static_cast<AlertKind>(kind)))}}, raised);
  }
}

void AddRuns(Families& families, const std::string& id, bool runs) {
  families.Gauge("calsync_group_runs", "1 if the group runs, 0 if it is paused, in trouble or broken.", {{"group", id}},
                 runs ? 1 : 0);
}

void AddGroup(Families& families, const Board::Group& group, const std::string& id, absl::Time now) {
  const Labels labels = {{"group", id}};
  AddRuns(families, id, !group.paused && group.trouble.ok());
  families.Gauge("calsync_inputs_waiting", "Inputs that the group has not taken yet.", labels, static_cast<double>(group.inputs));
  if (group.looked_at == absl::InfinitePast()) return;
  for (const CalendarHealth& calendar : group.health.calendars) AddCalendar(families, group, id, calendar, now);
  families.Gauge("calsync_breaker_open", "1 if the circuit breaker stopped the group's writes.", labels,
                 group.health.breaker_open ? 1 : 0);
  families.Gauge("calsync_breaker_writes", "Writes in the breaker's window.", labels,
                 static_cast<double>(group.health.window_writes));
  families.Gauge("calsync_breaker_explained", "Writes that changes of people explain in it.", labels,
                 static_cast<double>(group.health.window_explained));
  families.Gauge("calsync_calls_in_flight", "Calls that were made and not answered.", labels,
                 static_cast<double>(group.health.calls));
  families.Gauge("calsync_rows_waiting", "Rows that wait for a time.", labels, static_cast<double>(group.health.agenda));
  families.Counter("calsync_passes_total", "Attempts to list a calendar, since the group's engine was started.",
                   {{"group", id}, {"outcome", "good"}}, static_cast<double>(group.passes.passes_good));
  families.Counter("calsync_passes_total", "", {{"group", id}, {"outcome", "failed"}},
                   static_cast<double>(group.passes.passes_failed));
  families.Counter("calsync_forged_notifications_total",
                   "Messages that named no channel of the group, or not its token, since its engine was started.", labels,
                   static_cast<double>(group.health.forged_notifications));
  families.Histogram("calsync_webhook_seconds", "From a message's arrival until its group was idle.", labels,
                     group.passes.webhooks);
  families.Histogram("calsync_change_to_block_seconds", "From a change of an event until a block that follows it was confirmed.",
                     labels, group.passes.lags);
  AddAlerts(families, group, id);
}

}  // namespace

std::string MetricsText(const Board& board) {
  Families families;
  const absl::Time now = board.Now();
  families.Gauge("calsync_start_time_seconds", "When this process began, Unix time.", {},
                 absl::ToDoubleSeconds(board.since() - absl::UnixEpoch()));
  families.Gauge("calsync_well", "1 if no alert is raised, every group runs, and no file of the registry is broken.", {},
                 board.IsWell() ? 1 : 0);
  for (const auto& [what, count] : board.meter().calls()) {
    families.Counter("calsync_api_calls_total", "Calls to Google, by method and outcome.",
                     {{"method", what.first}, {"outcome", what.second}}, static_cast<double>(count));
  }
  families.Counter("calsync_quota_units_total", "Units of quota that calls cost.", {},
                   static_cast<double>(board.meter().units()));
  const Arrivals& arrivals = board.arrivals();
  const std::pair<const char*, int64_t> outcomes[] = {
      {"taken", arrivals.taken}, {"malformed", arrivals.malformed}, {"unknown", arrivals.unknown}, {"dropped", arrivals.dropped}};
  for (const auto& [outcome, count] : outcomes) {
    families.Counter("calsync_notifications_total", "Messages that came to the receiver, by what became of them.",
                     {{"outcome", outcome}}, static_cast<double>(count));
  }
  for (const auto& [id, group] : board.groups()) AddGroup(families, group, id.str(), now);
  for (const Board::Broken& broken : board.broken()) {
    if (!broken.runs && !board.groups().contains(broken.group)) AddRuns(families, broken.group.str(), false);
  }
  return prometheus::TextSerializer().Serialize(families.all());
}

}  // namespace calsync::adapter
