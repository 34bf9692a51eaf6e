#include "adapter/trace/value_json.h"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "adapter/trace/describe.h"
#include "engine/base/shared_text.h"
#include "engine/base/strong_id.h"
#include "engine/base/uuid.h"

namespace calsync::adapter {
namespace {

constexpr char kTimeFormat[] = "%Y-%m-%dT%H:%M:%E*SZ";

bool IsNothing(const Json& json) {
  if (json.is_boolean()) return !json.get<bool>();
  if (json.is_number_integer()) return json == 0;
  if (json.is_string()) return json.get_ref<const std::string&>().empty();
  return json.empty();  // Null, [], {}.
}

// ---- Writing ----

class Writer;
template <class T>
Json Written(const T& value);
template <class... T>
Json Written(const std::variant<T...>& value);

// The words of the first enumerators are left out like all that is empty.
template <class Enum>
Json WrittenEnum(Enum value) {
  if constexpr (std::is_same_v<Enum, AuditKind>) {
    return std::string(Name(value));
  } else {
    const auto index = static_cast<size_t>(value);
    static_assert(!kWords<Enum>.empty());
    return index == 0 ? Json("") : Json(kWords<Enum>.at(index));
  }
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

Json Written(bool value) { return value; }
Json Written(const std::string& text) { return text; }
Json Written(const SharedText& text) { return text.ToString(); }
Json Written(absl::Time time) { return time == absl::Time() ? std::string() : TimeText(time); }
Json Written(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? std::string() : absl::FormatDuration(duration);
}
Json Written(absl::CivilDay day) { return day == absl::CivilDay() ? std::string() : absl::FormatCivilTime(day); }
template <class Tag>
Json Written(const StrongId<Tag>& id) {
  return id.str();
}
template <class Tag>
Json Written(const StrongNumber<Tag>& number) {
  return number.empty() ? std::string() : Hex(number.value());
}
template <class Tag>
Json Written(const Uuid<Tag>& id) {
  return id.empty() ? std::string() : FormatUuid(id.value);
}
template <class T>
Json Written(const std::shared_ptr<const T>& value) {
  return Written(*value);
}
template <class T>
Json Written(const std::vector<T>& list) {
  Json json = Json::array();
  for (const T& value : list) json.push_back(Written(value));
  return json;
}
Json Written(const PropertyMap& properties) {
  Json json = Json::object();
  for (const auto& [key, value] : properties) json[key] = value;
  return json;
}
Json Written(const std::map<std::string, std::optional<std::string>>& properties) {
  Json json = Json::object();
  for (const auto& [key, value] : properties) json[key] = value.has_value() ? Json(*value) : Json(nullptr);
  return json;
}
template <class... T>
Json Written(const std::variant<T...>& value) {
  const char* const name = kAlternatives<std::variant<T...>>.at(value.index());
  Json json = Json::object();
  json[name] = std::visit([](const auto& held) { return Written(held); }, value);
  return json;
}

class Writer {
 public:
  Json json = Json::object();

  template <class T>
  void operator()(const char* name, const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value.has_value()) json[name] = Written(*value);
    } else {
      Json written = Written(value);
      if (!IsNothing(written)) json[name] = std::move(written);
    }
  }
  template <class T>
  void Always(const char* name, const T& value) {
    json[name] = Written(value);
  }
};

template <class T>
Json Written(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return WrittenEnum(value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else {
    Writer writer;
    Describe(writer, value);
    return std::move(writer.json);
  }
}

// ---- Reading ----

struct Wrong {
  std::string what;  // The first member that is not as it should be; empty: all are.
};

template <class T>
bool Read(const Json& json, T& value, Wrong& wrong);

bool Read(const Json& json, bool& value, Wrong&) {
  if (!json.is_boolean()) return false;
  value = json.get<bool>();
  return true;
}
bool Read(const Json& json, std::string& text, Wrong&) {
  if (!json.is_string()) return false;
  text = json.get<std::string>();
  return true;
}
bool Read(const Json& json, SharedText& text, Wrong&) {
  if (!json.is_string()) return false;
  text = SharedText(json.get<std::string>());
  return true;
}
bool Read(const Json& json, absl::Time& time, Wrong&) {
  if (!json.is_string()) return false;
  const std::string text = json.get<std::string>();
  time = absl::Time();
  return text.empty() || ReadTimeText(text, time);  // The first of all is written as nothing.
}
bool Read(const Json& json, absl::Duration& duration, Wrong&) {
  return json.is_string() && absl::ParseDuration(json.get<std::string>(), &duration);
}
bool Read(const Json& json, absl::CivilDay& day, Wrong&) {
  return json.is_string() && absl::ParseCivilTime(json.get<std::string>(), &day);
}
template <class Tag>
bool Read(const Json& json, StrongId<Tag>& id, Wrong&) {
  if (!json.is_string()) return false;
  id = StrongId<Tag>(json.get<std::string>());
  return true;
}
template <class Tag>
bool Read(const Json& json, StrongNumber<Tag>& number, Wrong&) {
  uint64_t value = 0;
  if (!json.is_string() || !absl::SimpleHexAtoi(json.get<std::string>(), &value)) return false;
  number = StrongNumber<Tag>(value);
  return true;
}
template <class Tag>
bool Read(const Json& json, Uuid<Tag>& id, Wrong&) {
  if (!json.is_string()) return false;
  const std::optional<absl::uint128> value = ParseUuid(json.get<std::string>());
  if (value.has_value()) id.value = *value;
  return value.has_value();
}
template <class T>
bool Read(const Json& json, std::shared_ptr<const T>& value, Wrong& wrong) {
  T held{};
  if (!Read(json, held, wrong)) return false;
  value = std::make_shared<const T>(std::move(held));
  return true;
}
template <class T>
bool Read(const Json& json, std::optional<T>& value, Wrong& wrong) {
  return Read(json, value.emplace(), wrong);
}
template <class T>
bool Read(const Json& json, std::vector<T>& list, Wrong& wrong) {
  if (!json.is_array()) return false;
  for (const Json& one : json) {
    T value{};
    if (!Read(one, value, wrong)) return false;
    list.push_back(std::move(value));
  }
  return true;
}
bool Read(const Json& json, PropertyMap& properties, Wrong&) {
  if (!json.is_object()) return false;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) return false;
    properties[key] = value.get<std::string>();
  }
  return true;
}
template <size_t I = 0, class... T>
bool ReadAlternative(size_t index, const Json& json, std::variant<T...>& value, Wrong& wrong) {
  if constexpr (I < sizeof...(T)) {
    if (index == I) {
      std::variant_alternative_t<I, std::variant<T...>> held{};
      if (!Read(json, held, wrong)) return false;
      value = std::move(held);
      return true;
    }
    return ReadAlternative<I + 1>(index, json, value, wrong);
  } else {
    return false;
  }
}
template <class... T>
bool Read(const Json& json, std::variant<T...>& value, Wrong& wrong) {
  if (!json.is_object() || json.size() != 1) return false;
  const auto& names = kAlternatives<std::variant<T...>>;
  for (size_t i = 0; i < names.size(); ++i) {
    if (json.begin().key() == names.at(i)) return ReadAlternative(i, json.begin().value(), value, wrong);
  }
  return false;
}

class Reader {
 public:
  Reader(const Json& json, Wrong& wrong) : json_(json), wrong_(wrong) {}

  template <class T>
  void operator()(const char* name, T& value) {
    value = T();
    const auto found = json_.find(name);
    if (found == json_.end() || Read(*found, value, wrong_) || !wrong_.what.empty()) return;
    wrong_.what = absl::StrCat("\"", name, "\" is not as it should be");
  }
  template <class T>
  void Always(const char* name, T& value) {
    (*this)(name, value);
  }

 private:
  const Json& json_;
  Wrong& wrong_;
};

template <class T>
bool Read(const Json& json, T& value, Wrong& wrong) {
  if constexpr (std::is_enum_v<T>) {
    const auto& words = kWords<T>;
    for (size_t i = 0; json.is_string() && i < words.size(); ++i) {
      if (json.get_ref<const std::string&>() != words.at(i)) continue;
      value = static_cast<T>(i);
      return true;
    }
    return json.is_string() && json.get_ref<const std::string&>().empty();
  } else if constexpr (std::is_arithmetic_v<T>) {
    if (!json.is_number_integer()) return false;
    if constexpr (std::is_unsigned_v<T>) {
      if (!json.is_number_unsigned() || json.get<uint64_t>() > std::numeric_limits<T>::max()) return false;
    } else {
      if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<T>::max())) return false;
      if (json.get<int64_t>() < std::numeric_limits<T>::min()) return false;
    }
    value = json.get<T>();
    return true;
  } else {
    if (!json.is_object()) return false;
    Reader reader(json, wrong);
    Describe(reader, value);
    return wrong.what.empty();
  }
}

template <class T>
absl::Status ReadWhole(const Json& json, T& value, const char* what) {
  Wrong wrong;
  if (Read(json, value, wrong)) return absl::OkStatus();
  return absl::InvalidArgumentError(wrong.what.empty() ? absl::StrCat("this is no ", what) : wrong.what);
}

}  // namespace

std::string OneLine(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string Hex(uint64_t number) { return absl::StrFormat("%016x", number); }

std::string TimeText(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "never";
  if (time == absl::InfinitePast()) return "past";
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone());
}

bool ReadTimeText(absl::string_view text, absl::Time& time) {
  std::string why;
  if (text == "never" || text == "past") {
    time = text == "never" ? absl::InfiniteFuture() : absl::InfinitePast();
    return true;
  }
  return absl::ParseTime(kTimeFormat, text, &time, &why);
}

Json JsonOf(const Input& input) { return Written(input); }
Json JsonOf(const Effect& effect) { return Written(effect); }
Json JsonOf(const GroupConfig& config) { return Written(config); }
Json JsonOf(const GroupRow& row) { return Written(row); }
Json JsonOf(const CalendarRow& row) { return Written(row); }
Json JsonOf(const Record& record) { return Written(record); }
Json JsonOf(const SipKey& key) { return Written(key); }
Json JsonOf(const ZoneRules& rules) { return Written(rules); }

absl::Status ReadJson(const Json& json, Input& input) { return ReadWhole(json, input, "input"); }
absl::Status ReadJson(const Json& json, GroupConfig& config) { return ReadWhole(json, config, "configuration of a group"); }
absl::Status ReadJson(const Json& json, GroupRow& row) { return ReadWhole(json, row, "row of a group"); }
absl::Status ReadJson(const Json& json, CalendarRow& row) { return ReadWhole(json, row, "row of a calendar"); }
absl::Status ReadJson(const Json& json, Record& record) { return ReadWhole(json, record, "record"); }
absl::Status ReadJson(const Json& json, SipKey& key) { return ReadWhole(json, key, "key"); }
absl::Status ReadJson(const Json& json, ZoneRules& rules) { return ReadWhole(json, rules, "rules of a zone"); }

}  // namespace calsync::adapter
