#include "adapter/trace/redaction.h"

#include <memory>
#include <optional>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/overloaded.h"
#include "engine/base/uuid.h"
#include "engine/decide/channels.h"
#include "engine/decide/desired.h"
#include "engine/decide/listing.h"
#include "engine/decide/live_group.h"

namespace calsync::adapter {
namespace {

constexpr absl::string_view kGoogleUid = "@google.com";  // Of the default iCalUID (C-3).

bool IsUuid(absl::string_view text) { return ParseUuid(text).has_value(); }

bool SameTexts(const DirectionPolicy& a, const DirectionPolicy& b) {
  return a.title_template == b.title_template && a.description_template == b.description_template && a.keywords == b.keywords;
}

template <class T, class F>
std::optional<T> Mapped(const std::optional<T>& value, F map) {
  if (!value.has_value()) return std::nullopt;
  return map(*value);
}

}  // namespace

Redaction::Redaction(const GroupConfig& config, Texts texts, const std::function<SipKey()>& random)
    : real_(config), key_(random()), names_(DeriveKey(key_, "names"), texts, config), real_tags_(config.instance, config.id) {
  other_ = config;
  for (SipKey& key : other_.keys) key = random();
  other_ = ConfigOf(other_);
  other_tags_ = Tags(other_.instance, other_.id);
  for (size_t i = 0; i < real_.keys.size(); ++i) {
    keys_.push_back({BlockIds({real_.keys[i]}, real_.id), BlockIds({other_.keys[i]}, other_.id)});
  }
  LearnQueries();
}

bool Redaction::Covers(const GroupConfig& changed) const {
  const auto same_calendar = [](const LinkedCalendar& a, const LinkedCalendar& b) {
    return a.key == b.key && a.google_id == b.google_id && a.name == b.name;
  };
  if (!absl::c_equal(changed.calendars, real_.calendars, same_calendar)) return false;
  if (changed.keys != real_.keys || changed.directions.size() != real_.directions.size()) return false;
  if (!SameTexts(changed.policy, real_.policy) || !(changed.policy.legacy == real_.policy.legacy)) return false;
  for (size_t i = 0; i < changed.directions.size(); ++i) {
    if (!SameTexts(changed.directions[i].policy, real_.directions[i].policy)) return false;
  }
  return true;
}

// Its keys stay as they are.
GroupConfig Redaction::ConfigOf(const GroupConfig& config) const {
  GroupConfig other = config;
  other.id = GroupId(names_.Word(config.id.text()));
  for (LinkedCalendar& calendar : other.calendars) {
    calendar.google_id = CalendarId(names_.Address(calendar.google_id.text()));
    calendar.name = names_.Text(calendar.name);
  }
  const auto redact = [&](DirectionPolicy& policy) {
    policy.title_template = names_.Template(policy.title_template);
    policy.description_template = names_.Template(policy.description_template);
    for (std::string& keyword : policy.keywords) keyword = names_.Keyword(keyword);
  };
  redact(other.policy);
  for (Direction& direction : other.directions) redact(direction.policy);
  for (std::string& title : other.policy.legacy.titles) title = names_.Template(title);
  for (std::string& text : other.policy.legacy.descriptions) text = names_.Template(text);
  other.policy.push_address = names_.Opaque(config.policy.push_address);
  return other;
}

// ---- What is learnt ----

void Redaction::LearnSource(CalendarKey calendar, absl::string_view event) {
  if (event.empty() || !sources_.emplace(calendar, std::string(event)).second) return;
  const std::string other = Id(event);
  for (const LinkedCalendar& target : real_.calendars) {
    for (const Keys& keys : keys_) {
      slots_.emplace(keys.real.SlotOf(calendar, event, target.key), keys.other.SlotOf(calendar, other, target.key));
    }
  }
}

// The slot of an exception is named after its record.
void Redaction::LearnOccurrence(const Record& record) {
  if (record.kind != RecordKind::kUserEvent || record.id.empty()) return;
  const std::string name = absl::StrCat("#", FormatUuid(record.id.value));
  if (!sources_.emplace(record.calendar, name).second) return;
  for (const LinkedCalendar& target : real_.calendars) {
    for (const Keys& keys : keys_) {
      slots_.emplace(keys.real.SlotOf(record.calendar, name, target.key), keys.other.SlotOf(record.calendar, name, target.key));
    }
  }
}

void Redaction::LearnUid(absl::string_view uid) {
  if (BlockIds::HasShape(uid.substr(0, uid.find_first_of("_@")))) certified_uids_.emplace(HashOf(uid), uid);
}

void Redaction::LearnEvent(CalendarKey calendar, const Event& event) {
  LearnUid(event.ical_uid.text());
  LearnSource(calendar, event.id.text());
  LearnSource(calendar, event.recurring_event_id.text());
}

// Which calendar it is about is the call's business: it is learnt for all.
void Redaction::LearnReply(const Reply& reply) {
  const auto learn = [&](const Event& event) {
    for (const LinkedCalendar& calendar : real_.calendars) LearnEvent(calendar.key, event);
  };
  if (const auto* page = std::get_if<EventsPage>(&reply)) {
    for (const EventPtr& event : page->items) learn(*event);
  } else if (const auto* event = std::get_if<EventPtr>(&reply)) {
    learn(**event);
  }
}

// Of what blocks show as far as it can be told from their sources: with the source's own times, and with those that Google last
// showed.
void Redaction::LearnFingerprints(const GroupImage& image) {
  LiveGroup real, other;  // What a block shows depends on the configuration alone.
  real.config = real_;
  other.config = other_;
  absl::flat_hash_map<CorrelationId, const Record*> sources;
  for (const Record& record : image.records) {
    if (record.kind == RecordKind::kUserEvent) sources.emplace(record.id, &record);
  }
  const auto learn = [&](const BlockContent& was, const BlockContent& is) {
    fingerprints_.emplace(FingerprintOf(was), FingerprintOf(is));
  };
  for (const Record& block : image.records) {
    const auto found = block.IsBlock() ? sources.find(block.source) : sources.end();
    if (found == sources.end() || real_.Find(found->second->calendar) == nullptr) continue;
    const Record& source = *found->second;
    const Record source_other = RecordOf(source);
    fingerprints_.emplace(MirroredFingerprint(real, source, block.calendar),
                          MirroredFingerprint(other, source_other, block.calendar));
    BlockContent was = ContentFor(real, source, block.calendar), is = ContentFor(other, source_other, block.calendar);
    learn(was, is);
    for (const bool series : {true, false}) {
      was.span = is.span = block.span;
      was.series = series ? UnpackSeries(block.series.view()) : SeriesText();
      is.series = series ? UnpackSeries(Series(block.series.view())) : SeriesText();
      learn(was, is);
      was.span = is.span = source.span;
      learn(was, is);
    }
  }
}

// A calendar keeps that of the settings before until it was walked with those that are in force.
void Redaction::LearnQueries() {
  for (const LinkedCalendar& was : real_.calendars) {
    queries_.emplace(QueryFingerprint(real_, was.google_id), QueryFingerprint(other_, other_.Find(was.key)->google_id));
  }
}

// The token of a channel that was opened as the configuration says stays one of such a channel.
void Redaction::LearnTokens(const CalendarRow& row) {
  const LinkedCalendar *was = real_.Find(row.key), *is = other_.Find(row.key);
  if (was == nullptr) return;
  for (const ChannelRow& channel : row.channels) {
    const absl::string_view drawn = channel.token.view().substr(0, kUuidLength);
    for (size_t i = 0; i < real_.keys.size(); ++i) {
      if (!channel.token.Equals(ChannelToken(drawn, real_.keys[i], real_, was->google_id))) continue;
      tokens_.emplace(channel.token.ToString(), ChannelToken(drawn, other_.keys[i], other_, is->google_id));
    }
  }
}

void Redaction::LookAhead(const Input& input, const Effects& effects) {
  if (const auto* reply = std::get_if<ApiReply>(&input)) LearnReply(reply->reply);
  for (const Effect& effect : effects) {
    const auto* commit = std::get_if<Commit>(&effect);
    if (commit == nullptr) continue;
    for (const Record& record : commit->records) LearnOccurrence(record);
  }
}

void Redaction::Learn(const Effects& real, const Effects& others) {
  for (size_t i = 0; i < real.size() && i < others.size(); ++i) {
    const auto* commit = std::get_if<Commit>(&real[i]);
    const auto* other = std::get_if<Commit>(&others[i]);
    if (commit == nullptr || other == nullptr) continue;
    for (size_t c = 0; c < commit->calendars.size() && c < other->calendars.size(); ++c) {
      const auto& channels = commit->calendars[c].channels;
      const auto& other_channels = other->calendars[c].channels;
      for (size_t n = 0; n < channels.size() && n < other_channels.size(); ++n) {
        if (channels[n].id == other_channels[n].id) {
          tokens_.emplace(channels[n].token.ToString(), other_channels[n].token.ToString());
        }
      }
    }
    for (const Record& record : commit->records) LearnOccurrence(record);
  }
}

// ---- Names ----

SlotHash Redaction::Slot(const SlotHash& slot) const {
  if (slot.empty()) return slot;
  const auto found = slots_.find(slot);
  if (found != slots_.end()) return found->second;
  FieldBytes fields;
  fields.Number128(slot.value);
  return {SipHash128(DeriveKey(key_, "slot"), fields.bytes())};
}

// A certified id is planned anew, with whatever follows it in the id of an occurrence.
std::string Redaction::Id(absl::string_view id) const {
  const absl::string_view stem = id.substr(0, id.find('_'));
  if (!BlockIds::HasShape(stem)) return names_.EventId(id);
  for (const Keys& keys : keys_) {
    for (const LinkedCalendar& calendar : real_.calendars) {
      const std::optional<CertifiedId> certified = keys.real.Verify(stem, calendar.key);
      if (!certified.has_value() || certified->generation == 0) continue;
      const EventId other = keys.other.Plan(Slot(certified->slot), certified->generation, calendar.key);
      return absl::StrCat(other.text(), id.substr(stem.size()));
    }
  }
  return std::string(id);  // Of another installation: all of it is a hash.
}

std::string Redaction::ICalUid(absl::string_view uid) const {
  const absl::string_view stem = absl::StripSuffix(uid, kGoogleUid);
  if (!BlockIds::HasShape(stem.substr(0, stem.find('_')))) return names_.ICalUid(uid);
  return absl::StrCat(Id(stem), uid.substr(stem.size()));
}

uint64_t Redaction::ICalUidHash(uint64_t hash) const {
  const auto certified = certified_uids_.find(hash);
  return certified == certified_uids_.end() ? names_.ICalUidHash(hash) : HashOf(ICalUid(certified->second));
}

std::string Redaction::Token(absl::string_view token) const {
  const auto found = tokens_.find(token);
  return found == tokens_.end() ? names_.Opaque(token) : found->second;
}

std::string Redaction::Adoption(absl::string_view certificate, absl::string_view event) const {
  for (const Keys& keys : keys_) {
    for (const LinkedCalendar& calendar : real_.calendars) {
      const std::optional<SlotHash> slot = keys.real.VerifyAdoption(certificate, calendar.key, event);
      if (slot.has_value()) return keys.other.AdoptionOf(Slot(*slot), calendar.key, Id(event));
    }
  }
  return names_.Opaque(certificate);
}

std::pair<std::string, std::string> Redaction::Property(const std::string& key, const std::string& value,
                                                        absl::string_view event) const {
  constexpr absl::string_view kUserValue = "1:user_event:";
  if (key == real_tags_.user_key() || absl::StartsWith(key, "calsync.")) {
    const bool readable = absl::StartsWith(value, kUserValue) && IsUuid(absl::string_view(value).substr(kUserValue.size()));
    const bool usual = absl::c_all_of(key.substr(8), absl::ascii_isxdigit);
    return {key == real_tags_.user_key() ? other_tags_.user_key()
            : usual                      ? key
                                         : absl::StrCat("calsync.", names_.Opaque(key)),
            readable ? value : names_.Opaque(value)};
  }
  if (key == Tags::kAdoptionKey) return {key, Adoption(value, event)};
  if (key == "calsync_id" || key == "calsync_source" || key == "calsync_instance") {
    return {key, IsUuid(value) ? value : names_.Opaque(value)};
  }
  if (key == "calsync_type") return {key, value == "busy_block" ? value : names_.Opaque(value)};
  if (key == "calsync_version") return {key, value == absl::StrCat(kTagVersion) ? value : names_.Opaque(value)};
  if (absl::StartsWith(key, "calsync_")) return {absl::StrCat("calsync_", names_.Opaque(key)), names_.Opaque(value)};
  return {names_.Word(key), names_.Word(value)};
}

std::string Redaction::Series(absl::string_view packed) const {
  if (packed.empty()) return "";
  const SeriesText series = UnpackSeries(packed);
  std::string other = names_.Zone(series.time_zone);
  for (const std::string& line : series.lines) absl::StrAppend(&other, "\n", names_.RecurrenceLine(line));
  return other;
}

uint64_t Redaction::FingerprintFor(uint64_t fingerprint) const {
  if (fingerprint == 0) return 0;
  const auto found = fingerprints_.find(fingerprint);
  if (found != fingerprints_.end()) return found->second;
  FieldBytes fields;
  fields.Number(fingerprint);
  return SipHash64(DeriveKey(key_, "fingerprint"), fields.bytes()) | 1;
}

// ---- Values ----

EventTime Redaction::Time(const EventTime& time) const {
  EventTime other = time;
  other.time_zone = names_.Zone(time.time_zone);
  return other;
}

Event Redaction::EventOf(const Event& event) const {
  Event other = event;
  other.id = EventId(Id(event.id.text()));
  other.etag = Etag(names_.Opaque(event.etag.text()));
  other.ical_uid = calsync::ICalUid(ICalUid(event.ical_uid.text()));
  other.start = Time(event.start);
  other.end = Time(event.end);
  other.original_start = Time(event.original_start);
  for (std::string& line : other.recurrence) line = names_.RecurrenceLine(line);
  other.recurring_event_id = EventId(Id(event.recurring_event_id.text()));
  other.summary = names_.Text(event.summary);
  other.description = names_.Text(event.description);
  other.location = names_.Word(event.location);
  const bool colour = event.color_id.size() <= 3 && absl::c_all_of(event.color_id, absl::ascii_isdigit);
  if (!colour) other.color_id = names_.Word(event.color_id);
  other.organizer.email = names_.Address(event.organizer.email);
  other.creator.email = names_.Address(event.creator.email);
  for (Attendee& attendee : other.attendees) attendee.email = names_.Address(attendee.email);
  for (Reminders::Override& reminder : other.reminders.overrides) {
    if (reminder.method != "email" && reminder.method != "popup") reminder.method = names_.Word(reminder.method);
  }
  other.private_properties.clear();
  for (const auto& [key, value] : event.private_properties) {
    other.private_properties.insert(Property(key, value, event.id.text()));
  }
  other.shared_properties.clear();
  for (const auto& [key, value] : event.shared_properties) other.shared_properties.emplace(names_.Word(key), names_.Word(value));
  return other;
}

EventPatch Redaction::PatchOf(const EventPatch& patch, absl::string_view event) const {
  EventPatch other = patch;
  const auto time = [&](const EventTime& value) { return Time(value); };
  const auto text = [&](const std::string& value) { return names_.Text(value); };
  other.start = Mapped(patch.start, time);
  other.end = Mapped(patch.end, time);
  if (other.recurrence.has_value()) {
    for (std::string& line : *other.recurrence) line = names_.RecurrenceLine(line);
  }
  other.summary = Mapped(patch.summary, text);
  other.description = Mapped(patch.description, text);
  other.location = Mapped(patch.location, text);
  if (other.attendees.has_value()) {
    for (Attendee& attendee : *other.attendees) attendee.email = names_.Address(attendee.email);
  }
  other.private_properties.clear();
  for (const auto& [key, value] : patch.private_properties) {
    const auto [other_key, other_value] = Property(key, value.value_or(""), event);
    other.private_properties[other_key] = value.has_value() ? std::optional<std::string>(other_value) : std::nullopt;
  }
  return other;
}

// Only those that an engine sends.
Request Redaction::RequestOf(const Request& request) const {
  const auto calendar = [&](const CalendarId& id) { return CalendarId(names_.Address(id.text())); };
  const auto event = [&](const EventId& id) { return EventId(Id(id.text())); };
  const auto etag = [&](const Etag& tag) { return Etag(names_.Opaque(tag.text())); };
  const auto page_token = [&](const PageToken& token) { return PageToken(names_.Opaque(token.text())); };
  return std::visit(
      Overloaded{
          [&](ListEvents call) -> Request {
            call.calendar = calendar(call.calendar);
            call.sync_token = Mapped(call.sync_token, [&](const SyncToken& t) { return SyncToken(names_.Opaque(t.text())); });
            call.page_token = Mapped(call.page_token, page_token);
            return call;
          },
          [&](const GetEvent& call) -> Request {
            return GetEvent{calendar(call.calendar), event(call.event)};
          },
          [&](const InsertEvent& call) -> Request {
            return InsertEvent{calendar(call.calendar), EventOf(call.event), call.send_updates};
          },
          [&](const PatchEvent& call) -> Request {
            return PatchEvent{calendar(call.calendar), event(call.event), PatchOf(call.patch, call.event.text()),
                              Mapped(call.if_match, etag), call.send_updates};
          },
          [&](const UpdateEvent& call) -> Request {
            return UpdateEvent{calendar(call.calendar), event(call.event), EventOf(call.body), Mapped(call.if_match, etag),
                               call.send_updates};
          },
          [&](const DeleteEvent& call) -> Request {
            return DeleteEvent{calendar(call.calendar), event(call.event), Mapped(call.if_match, etag), call.send_updates};
          },
          [&](const MoveEvent& call) -> Request {
            return MoveEvent{calendar(call.calendar), event(call.event), calendar(call.destination)};
          },
          [&](const ImportEvent& call) -> Request {
            return ImportEvent{calendar(call.calendar), EventOf(call.event)};
          },
          [&](const WatchEvents& call) -> Request {
            return WatchEvents{calendar(call.calendar), call.channel, names_.Opaque(call.address), Token(call.token), call.ttl};
          },
          [&](const StopChannel& call) -> Request {
            return StopChannel{call.channel, ResourceId(names_.Opaque(call.resource.text()))};
          },
          [&](const GetCalendar& call) -> Request { return GetCalendar{calendar(call.calendar)}; },
          [&](ListInstances call) -> Request {
            call.calendar = calendar(call.calendar);
            call.event = event(call.event);
            call.page_token = Mapped(call.page_token, page_token);
            call.original_start = Mapped(call.original_start, [&](const EventTime& value) { return Time(value); });
            return call;
          },
      },
      request);
}

Reply Redaction::ReplyOf(const Reply& reply) const {
  return std::visit(Overloaded{
                        [&](const EventsPage& page) -> Reply {
                          EventsPage other = page;
                          for (EventPtr& event : other.items) event = std::make_shared<const Event>(EventOf(*event));
                          for (UnreadRow& row : other.unread) {
                            row.version = {EventId(Id(row.version.id.text())), Etag(names_.Opaque(row.version.etag.text()))};
                          }
                          other.next_page_token = Mapped(page.next_page_token,
                                                         [&](const PageToken& t) { return PageToken(names_.Opaque(t.text())); });
                          other.next_sync_token = Mapped(page.next_sync_token,
                                                         [&](const SyncToken& t) { return SyncToken(names_.Opaque(t.text())); });
                          other.time_zone = names_.Zone(page.time_zone);
                          return other;
                        },
                        [&](const EventPtr& event) -> Reply { return std::make_shared<const Event>(EventOf(*event)); },
                        [&](const NoContent&) -> Reply { return NoContent(); },
                        [&](const Channel& channel) -> Reply {
                          return Channel{channel.id, ResourceId(names_.Opaque(channel.resource.text())), channel.expiration};
                        },
                        [&](const CalendarListEntry& entry) -> Reply {
                          return CalendarListEntry{CalendarId(names_.Address(entry.id.text())), names_.Text(entry.summary),
                                                   names_.Zone(entry.time_zone), entry.access_role, entry.primary};
                        },
                        [&](const ApiError& error) -> Reply {
                          ApiError other = error;
                          other.domain = names_.Reason(error.domain);
                          other.reason = names_.Reason(error.reason);
                          other.message.clear();  // Nothing is decided by it.
                          return other;
                        },
                    },
                    reply);
}

Record Redaction::RecordOf(const Record& record) const {
  Record other = record;
  other.event = SharedText(Id(record.event.view()));
  other.etag = SharedText(names_.Opaque(record.etag.view()));
  other.series = SharedText(Series(record.series.view()));
  other.master = SharedText(Id(record.master.view()));
  other.ical_hash = ICalUidHash(record.ical_hash);
  other.slot = Slot(record.slot);
  other.summary = SharedText(names_.Text(record.summary.view()));
  other.reason = SharedText(names_.Reason(record.reason.view()));
  return other;
}

CalendarRow Redaction::RowOf(const CalendarRow& row) const {
  CalendarRow other = row;
  other.sync_token = SyncToken(names_.Opaque(row.sync_token.text()));
  if (const auto known = queries_.find(row.query); known != queries_.end()) other.query = known->second;
  other.time_zone = names_.Zone(row.time_zone);
  for (ChannelRow& channel : other.channels) {
    channel.token = SharedText(Token(channel.token.view()));
    channel.resource = ResourceId(names_.Opaque(channel.resource.text()));
  }
  return other;
}

AuditEntry Redaction::AuditOf(const AuditEntry& entry) const {
  AuditEntry other = entry;
  other.event = EventId(Id(entry.event.text()));
  return other;
}

GroupImage Redaction::Image(const GroupImage& image) {
  for (const Record& record : image.records) {
    if (record.IsBlock()) LearnUid(absl::StrCat(record.event.view(), kGoogleUid));
    if (record.IsBlock()) continue;
    LearnSource(record.calendar, record.event.view());
    LearnOccurrence(record);
  }
  LearnFingerprints(image);
  for (const CalendarRow& row : image.calendars) LearnTokens(row);
  GroupImage other;
  other.group = image.group;
  for (const CalendarRow& row : image.calendars) other.calendars.push_back(RowOf(row));
  for (const Record& record : image.records) {
    Record& redacted = other.records.emplace_back(RecordOf(record));
    redacted.written = FingerprintFor(record.written);
    redacted.accepted = FingerprintFor(record.accepted);
    redacted.actual = FingerprintFor(record.actual);
    redacted.held_for = FingerprintFor(record.held_for);
    if (record.kind != RecordKind::kSeen) continue;
    for (const LinkedCalendar& calendar : real_.calendars) {  // A text-marked event: the calendar that it names.
      if (HashOf(calendar.name) == record.held_for) redacted.held_for = HashOf(names_.Text(calendar.name));
    }
  }
  return other;
}

Input Redaction::Of(const Input& input) {
  const auto id = [&](const EventId& event) { return EventId(Id(event.text())); };
  return std::visit(
      Overloaded{
          [&](const Started& in) -> Input { return in; },
          [&](const Notification& in) -> Input {
            const bool usual = IsUuid(in.channel.text());
            return Notification{usual ? in.channel : ChannelId(names_.Opaque(in.channel.text())), Token(in.token), in.state};
          },
          [&](const ApiReply& in) -> Input {
            LearnReply(in.reply);
            return ApiReply{in.call, ReplyOf(in.reply)};
          },
          [&](const TimerFired&) -> Input { return TimerFired(); },
          [&](const OperatorCommand& in) -> Input {
            if (const auto* changed = std::get_if<calsync::Reconfigure>(&in)) {
              GroupConfig other = ConfigOf(changed->config);
              other.keys = other_.keys;
              real_ = changed->config;  // It covers them: what differs is in no pseudonym, but it is in fingerprints of queries.
              other_ = other;
              LearnQueries();
              return OperatorCommand(calsync::Reconfigure{std::move(other)});
            }
            if (const auto* settle = std::get_if<SettleLegacy>(&in)) {
              return OperatorCommand(SettleLegacy{settle->calendar, id(settle->event), settle->as, settle->source_calendar,
                                                  id(settle->source_event)});
            }
            return in;
          },
      },
      input);
}

Effect Redaction::Of(const Effect& effect) {
  return std::visit(Overloaded{
                        [&](const Commit& commit) -> Effect {
                          Commit other;
                          for (const Record& record : commit.records) LearnOccurrence(record);
                          for (const Place& place : commit.erased)
                            other.erased.push_back({place.calendar, EventId(Id(place.event.text()))});
                          for (const Record& record : commit.records) other.records.push_back(RecordOf(record));
                          for (const CalendarRow& row : commit.calendars) other.calendars.push_back(RowOf(row));
                          other.group = commit.group;
                          for (const AuditEntry& entry : commit.audit) other.audit.push_back(AuditOf(entry));
                          return other;
                        },
                        [&](const ApiCall& call) -> Effect {
                          return ApiCall{call.id, std::make_shared<const Request>(RequestOf(*call.request))};
                        },
                        [&](const SetTimer& timer) -> Effect { return timer; },
                    },
                    effect);
}

}  // namespace calsync::adapter
