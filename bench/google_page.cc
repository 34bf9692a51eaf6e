#include "bench/google_page.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/base32hex.h"
#include "engine/base/siphash.h"
#include "engine/base/uuid.h"
#include "engine/decide/desired.h"

namespace calsync::bench {
namespace {

uint64_t Drawn(uint64_t seed, uint64_t number) { return SipHash64({seed, 0x70616765}, FieldBytes().Number(number).bytes()); }

std::string IdOf(uint64_t drawn) { return EncodeBase32Hex(absl::StrFormat("%016x", drawn)).substr(0, 26); }

Record UserEventOf(CalendarKey calendar, uint64_t number) {
  const uint64_t drawn = Drawn(1, number);
  Record record;
  record.kind = RecordKind::kUserEvent;
  record.status = RecordStatus::kSynced;
  record.id = {UuidV4From(absl::MakeUint128(drawn, Drawn(2, number)))};
  record.calendar = calendar;
  record.event = SharedText(IdOf(drawn));
  record.etag = SharedText(absl::StrFormat("\"%016d\"", 3500000000000000 + static_cast<int64_t>(number) * 2000));
  record.updated_ms = absl::ToUnixMillis(TestNow());
  record.span.start = absl::ToUnixSeconds(TestNow()) + static_cast<int64_t>(number) * 60;
  record.span.end = record.span.start + 1800;
  record.tag = TagState::kWritten;
  record.ical_hash = Drawn(3, number);
  record.summary = SharedText("Lunch with the team");
  return record;
}

Record BlockOf(const TestGroup& group, const Record& source, CalendarKey target, uint64_t number) {
  Record record;
  record.kind = RecordKind::kBlock;
  record.status = RecordStatus::kCreated;
  record.id = {UuidV4From(absl::MakeUint128(Drawn(4, number), Drawn(5, number)))};
  record.calendar = target;
  record.source = source.id;
  record.slot = group.ids.SlotOf(source.calendar, source.event.view(), target);
  record.generation = record.highest = 1;
  record.event = group.ids.Plan(record.slot, 1, target).shared();
  record.etag = SharedText(absl::StrFormat("\"%016d\"", 3500000000000000 + static_cast<int64_t>(number) * 2000 + 1));
  record.updated_ms = source.updated_ms;
  record.span = source.span;
  record.sent = record.tagged = true;
  record.written = record.accepted = record.actual = FingerprintOf(BlockContent{record.span, "Busy", ""});
  return record;
}

struct Fields {
  std::string id;
  std::string etag;
  std::string status = "confirmed";
  std::string master{};
  PropertyMap properties{};
  bool block = false;
};

void AppendPerson(std::string& out, absl::string_view name, absl::string_view email) {
  absl::StrAppend(&out, "   \"", name, "\": {\n    \"email\": \"", email, "\",\n    \"self\": true\n   },\n");
}

void AppendTime(std::string& out, absl::string_view name, uint64_t minute) {
  absl::StrAppendFormat(
      &out,
      "   \"%s\": {\n    \"dateTime\": \"2026-05-%02dT%02d:%02d:00+02:00\",\n    \"timeZone\": \"Europe/Zurich\"\n"
      "   },\n",
      name, 1 + minute / 1440 % 28, minute / 60 % 24, minute % 60);
}

void AppendGuests(std::string& out, uint64_t drawn) {
  absl::StrAppend(&out, "   \"attendees\": [\n");
  for (int i = 0; i < 3; ++i) {
    absl::StrAppendFormat(&out,
                          "    {\n     \"email\": \"%08x@example.com\",\n     \"displayName\": \"Guest %d\",\n"
                          "     \"responseStatus\": \"accepted\"\n    },\n",
                          static_cast<uint32_t>(drawn >> i), i);
  }
  absl::StrAppend(
      &out,
      "    {\n     \"email\": \"ada@example.com\",\n     \"self\": true,\n     \"responseStatus\": \"accepted\"\n    }\n"
      "   ],\n");
}

void AppendConference(std::string& out, uint64_t drawn) {
  const std::string code = IdOf(drawn).substr(0, 10);
  absl::StrAppend(
      &out, "   \"hangoutLink\": \"https://meet.google.com/", code, "\",\n   \"conferenceData\": {\n",
      "    \"entryPoints\": [\n     {\n      \"entryPointType\": \"video\",\n      \"uri\": \"https://meet.google.com/", code,
      "\",\n      \"label\": \"meet.google.com/", code, "\"\n     }\n    ],\n",
      "    \"conferenceSolution\": {\n     \"key\": {\n      \"type\": \"hangoutsMeet\"\n     },\n",
      "     \"name\": \"Google Meet\",\n     \"iconUri\": ",
      "\"https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x_web_512dp.png\"\n",
      "    },\n    \"conferenceId\": \"", code, "\"\n   },\n");
}

void AppendEvent(std::string& out, const Fields& fields, uint64_t drawn) {
  const uint64_t minute = drawn % 40000;
  absl::StrAppend(&out, "  {\n   \"kind\": \"calendar#event\",\n   \"etag\": \"\\\"",
                  fields.etag.substr(1, fields.etag.size() - 2), "\\\"\",\n   \"id\": \"", fields.id, "\",\n   \"status\": \"",
                  fields.status, "\",\n   \"htmlLink\": \"https://www.google.com/calendar/event?eid=", IdOf(drawn),
                  IdOf(drawn + 1),
                  "\",\n   \"created\": \"2026-03-01T08:00:00.000Z\",\n   \"updated\": \"2026-03-02T09:30:00.123Z\",\n");
  if (fields.block) {
    absl::StrAppend(&out, "   \"summary\": \"Busy\",\n   \"visibility\": \"private\",\n");
  } else {
    absl::StrAppend(
        &out, "   \"summary\": \"Lunch with the team\",\n   \"location\": \"Room 4.12, Limmatquai 1, Z\xc3\xbcrich\",\n",
        "   \"description\": \"Agenda:\\n\\u003cb\\u003eDecisions\\u003c/b\\u003e of last week, the numbers of the quarter, ",
        "and who brings what.\\nPlease read the notes before: https://docs.example.com/d/", IdOf(drawn + 2), "\",\n");
  }
  AppendPerson(out, "creator", "ada@example.com");
  AppendPerson(out, "organizer", "ada@example.com");
  AppendTime(out, "start", minute);
  AppendTime(out, "end", minute + 30);
  if (!fields.master.empty()) {
    absl::StrAppend(&out, "   \"recurringEventId\": \"", fields.master, "\",\n");
    AppendTime(out, "originalStartTime", minute);
  }
  absl::StrAppend(&out, "   \"iCalUID\": \"", fields.id, "@google.com\",\n   \"sequence\": 0,\n");
  if (!fields.block) {
    AppendGuests(out, drawn);
    AppendConference(out, drawn);
  }
  if (!fields.properties.empty()) {
    absl::StrAppend(&out, "   \"extendedProperties\": {\n    \"private\": {");
    bool first = true;
    for (const auto& [key, value] : fields.properties) {
      absl::StrAppend(&out, first ? "\n" : ",\n", "     \"", key, "\": \"", value, "\"");
      first = false;
    }
    absl::StrAppend(&out, "\n    }\n   },\n");
  }
  absl::StrAppend(&out, "   \"reminders\": {\n    \"useDefault\": ", fields.block ? "false" : "true",
                  "\n   },\n   \"eventType\": \"default\"\n  }");
}

Fields FieldsOfBlock(const PagedGroup& group, const Record& block) {
  return {.id = block.event.ToString(),
          .etag = block.etag.ToString(),
          .properties = group.group.tags.ForBlock(block.id, block.source),
          .block = true};
}

Fields FieldsOfUserEvent(const PagedGroup& group, const Record& tracked) {
  return {.id = tracked.event.ToString(),
          .etag = tracked.etag.ToString(),
          .properties = {{group.group.tags.user_key(), group.group.tags.UserValue(tracked.id)}}};
}

Fields FieldsOf(const PagedGroup& group, uint64_t drawn) {
  const auto pick = [&](const std::vector<RowIndex>& rows) -> const Record& {
    return group.records[rows[(drawn >> 8) % rows.size()]];
  };
  const uint64_t kind = drawn % 100;
  const Record& tracked = pick(group.tracked);
  if (kind < 40) return {IdOf(Drawn(9, drawn)), "\"3500000000000000\""};
  if (kind < 75) return FieldsOfBlock(group, pick(group.blocks));
  if (kind < 95) return FieldsOfUserEvent(group, tracked);
  if (kind < 97) return {.id = IdOf(drawn), .etag = "\"1\"", .status = "cancelled"};
  if (kind < 99) {
    return {.id = absl::StrCat(tracked.event.view(), "_20260504T100000Z"), .etag = "\"2\"", .master = tracked.event.ToString()};
  }
  return {.id = IdOf(drawn), .etag = "\"3\"", .properties = ForeignBlockTag(), .block = true};
}

// Pages of what `fields_at` says of each event by its number, and of what fills it up.
template <class FieldsAt>
std::vector<std::string> PagesOf(size_t pages, size_t events, FieldsAt fields_at) {
  std::vector<std::string> out(pages);
  for (size_t page = 0; page < pages; ++page) {
    std::string& text = out[page];
    text =
        "{\n \"kind\": \"calendar#events\",\n \"etag\": \"\\\"p33k\\\"\",\n \"summary\": \"ada@example.com\",\n"
        " \"updated\": \"2026-05-04T08:00:00.000Z\",\n \"timeZone\": \"Europe/Zurich\",\n \"accessRole\": \"owner\",\n"
        " \"nextSyncToken\": \"CKiN\",\n \"items\": [\n";
    for (size_t i = 0; i < events; ++i) {
      const auto [fields, drawn] = fields_at(page * events + i);
      if (i > 0) text += ",\n";
      AppendEvent(text, fields, drawn);
    }
    text += "\n ]\n}\n";
  }
  return out;
}

}  // namespace

GroupConfig ConfigOfCalendars(size_t calendars) {
  GroupConfig config = AConfig({"work"});
  for (size_t i = 1; i < calendars; ++i) {
    const std::string name = absl::StrCat("calendar", i);
    config.calendars.push_back({CalendarKey(1000 + i), CalendarId(absl::StrCat(name, "@example.com")), name});
  }
  return config;
}

std::vector<Record> RecordsOfCalendars(const TestGroup& group, size_t count) {
  const std::vector<LinkedCalendar>& calendars = group.config.calendars;
  std::vector<Record> records;
  records.reserve(count);
  for (uint64_t number = 0; records.size() < count; ++number) {
    const size_t home = number % calendars.size();
    const Record source = UserEventOf(calendars[home].key, number);
    records.push_back(source);
    for (size_t target = 0; target < calendars.size() && records.size() < count; ++target) {
      if (target != home) records.push_back(BlockOf(group, source, calendars[target].key, number * calendars.size() + target));
    }
  }
  return records;
}

PagedGroup::PagedGroup(size_t size) : group(ConfigOfCalendars(5)), records(RecordsOfCalendars(group, size)) {
  for (RowIndex row = 0; row < records.size(); ++row) {
    if (records[row].calendar != calendar()) continue;
    (records[row].IsBlock() ? blocks : tracked).push_back(row);
  }
}

std::vector<std::string> GooglePages(const PagedGroup& group, size_t pages, size_t events, uint64_t seed) {
  return PagesOf(pages, events, [&](size_t number) {
    const uint64_t drawn = Drawn(seed, number);
    return std::make_pair(FieldsOf(group, drawn), drawn);
  });
}

std::vector<std::string> UnchangedPages(const PagedGroup& group, size_t pages, size_t events) {
  return PagesOf(pages, events, [&](size_t number) {
    const auto next = [&](const std::vector<RowIndex>& rows, size_t of) -> const Record& {
      return group.records[rows[of % rows.size()]];
    };
    const bool tracked = number % 4 == 0;
    return std::make_pair(tracked ? FieldsOfUserEvent(group, next(group.tracked, number / 4))
                                  : FieldsOfBlock(group, next(group.blocks, number - number / 4 - 1)),
                          Drawn(7, number));
  });
}

}  // namespace calsync::bench
