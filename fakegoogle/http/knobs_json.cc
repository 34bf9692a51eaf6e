#include "fakegoogle/http/knobs_json.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace calsync::fake {
namespace {

struct Knob {
  std::string name;
  std::function<Json(const Knobs&)> get;
  std::function<bool(const Json&, Knobs&)> set;
  std::string values;  // In words.
};

Knob Flag(const char* name, bool Knobs::*member) {
  return {name, [member](const Knobs& knobs) { return Json(knobs.*member); },
          [member](const Json& json, Knobs& knobs) {
            if (!json.is_boolean()) return false;
            knobs.*member = json.get<bool>();
            return true;
          },
          "true or false"};
}

template <class T>
Knob Number(const char* name, T Knobs::*member, int64_t min) {
  return {name, [member](const Knobs& knobs) { return Json(knobs.*member); },
          [member, min](const Json& json, Knobs& knobs) {
            if (!json.is_number_integer()) return false;
            const auto value = json.get<int64_t>();
            if (value < min || value > std::numeric_limits<T>::max()) return false;
            knobs.*member = static_cast<T>(value);
            return true;
          },
          absl::StrCat("a whole number from ", min, " on")};
}

Knob Duration(const char* name, absl::Duration Knobs::*member) {
  return {name, [member](const Knobs& knobs) { return Json(absl::FormatDuration(knobs.*member)); },
          [member](const Json& json, Knobs& knobs) {
            absl::Duration duration;
            if (!json.is_string() || !absl::ParseDuration(json.get<std::string>(), &duration)) return false;
            if (duration < absl::ZeroDuration()) return false;
            knobs.*member = duration;
            return true;
          },
          "a duration, as \"90m\" or \"inf\""};
}

// `words` in the order of the enumeration.
template <class T>
Knob Choice(const char* name, T Knobs::*member, std::vector<std::string> words) {
  std::string values = absl::StrJoin(words, ", ");
  return {name, [member, words](const Knobs& knobs) { return Json(words[static_cast<size_t>(knobs.*member)]); },
          [member, words](const Json& json, Knobs& knobs) {
            const auto found = json.is_string() ? std::find(words.begin(), words.end(), json.get<std::string>()) : words.end();
            if (found == words.end()) return false;
            knobs.*member = static_cast<T>(found - words.begin());
            return true;
          },
          std::move(values)};
}

// In the order of Knobs.
const std::vector<Knob>& Table() {
  static const auto& table = *new std::vector<Knob>{
      Flag("anyPropertyMatches", &Knobs::any_property_matches),                                                       // K-1
      Choice("windowUnderToken", &Knobs::window_under_token, {"remembered", "ignored", "onlyTimeMax"}),               // K-2
      Choice("changedParameters", &Knobs::changed_parameters, {"answered", "gone410", "badRequest400"}),              // K-3
      Flag("remindersInDelta", &Knobs::reminders_in_delta),                                                           // K-4
      Duration("collisionUnseenFor", &Knobs::collision_unseen_for),                                                   // K-5
      Flag("omittedSequenceIsZero", &Knobs::omitted_sequence_is_zero),                                                // K-6
      Flag("identicalWriteChanges", &Knobs::identical_write_changes),                                                 // K-7
      Choice("writeToCancelled", &Knobs::write_to_cancelled, {"revives", "forbidden403", "notFound404", "gone410"}),  // K-8
      Duration("reviveWithin", &Knobs::revive_within),
      Flag("purgedIs410", &Knobs::purged_is_410),
      Choice("knownUidImport", &Knobs::known_uid_import, {"updates", "conflict409", "sequence400"}),   // K-9
      Flag("moveKeepsPrivate", &Knobs::move_keeps_private),                                            // K-10
      Choice("strandedExceptions", &Knobs::stranded_exceptions, {"dropped", "orphans", "cancelled"}),  // K-11
      Duration("listLag", &Knobs::list_lag),                                                           // K-12
      Duration("sendsAfterStop", &Knobs::sends_after_stop),                                            // K-13
      Duration("syncTokenLifetime", &Knobs::sync_token_lifetime),                                      // K-14
      Number("syncTokenUses", &Knobs::sync_token_uses, 0),
      Flag("randomTokenLifetime", &Knobs::random_token_lifetime),
      Duration("pageTokenLifetime", &Knobs::page_token_lifetime),
      Choice("tombstone", &Knobs::tombstone, {"stub", "details", "deltaOnly"}),  // K-15
      Duration("tombstoneLifetime", &Knobs::tombstone_lifetime),
      Choice("quotaAnswer", &Knobs::quota_answer, {"rateLimit403", "userRateLimit403", "tooManyRequests429"}),  // K-16
      Duration("quotaRetryAfter", &Knobs::quota_retry_after),
      Number("unitsPerMinutePerAccount", &Knobs::units_per_minute_per_account, 0),
      Number("unitsPerMinutePerProject", &Knobs::units_per_minute_per_project, 0),
      Number("batchMax", &Knobs::batch_max, 1),                                       // K-17
      Flag("tagBudgetSilent", &Knobs::tag_budget_silent),                             // K-18
      Flag("deletedSeriesListsExceptions", &Knobs::deleted_series_lists_exceptions),  // K-19
      Flag("splitIdsDerived", &Knobs::split_ids_derived),                             // K-20
      Flag("purgedIdFree", &Knobs::purged_id_free),                                   // K-21
      Flag("cancelledOccurrencesLeftOut", &Knobs::cancelled_occurrences_left_out),    // K-22
      Duration("expansionHorizon", &Knobs::expansion_horizon),
      Number("pageSize", &Knobs::page_size, 0),
      Number("emptyPageEvery", &Knobs::empty_page_every, 0),
      Flag("boundaryDuplicates", &Knobs::boundary_duplicates),
      Choice("walkView", &Knobs::walk_view, {"frozen", "live", "extending"}),
      Flag("alternatingOrder", &Knobs::alternating_order),
      Duration("propagationDelay", &Knobs::propagation_delay),
      Choice("guestWrite", &Knobs::guest_write, {"local", "putRefused403", "refused403"}),
      Flag("insertAlwaysMails", &Knobs::insert_always_mails),
      Duration("secondChangeAfter", &Knobs::second_change_after),
      Duration("updatedMinHorizon", &Knobs::updated_min_horizon),
      Flag("webhooksNeedHttps", &Knobs::webhooks_need_https),
      Duration("channelLifetimeMax", &Knobs::channel_lifetime_max),
      Flag("typedChannelsSilent", &Knobs::typed_channels_silent),
      Number("serverIdLength", &Knobs::server_id_length, 5),
  };
  return table;
}

}  // namespace

Json KnobsToJson(const Knobs& knobs) {
  Json json = Json::object();
  for (const Knob& knob : Table()) json[knob.name] = knob.get(knobs);
  return json;
}

absl::Status ReadKnobs(const Json& json, Knobs& knobs) {
  if (!json.is_object()) return absl::InvalidArgumentError("knobs are an object");
  Knobs changed = knobs;
  for (const auto& [name, value] : json.items()) {
    const auto& table = Table();
    const auto knob = std::find_if(table.begin(), table.end(), [&, &named = name](const Knob& one) { return one.name == named; });
    if (knob == table.end()) return absl::InvalidArgumentError(absl::StrCat("there is no knob \"", name, "\""));
    if (!knob->set(value, changed)) return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is ", knob->values));
  }
  knobs = changed;
  return absl::OkStatus();
}

}  // namespace calsync::fake
