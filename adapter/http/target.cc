#include "adapter/http/target.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace calsync::http {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~';
}

// What needs no encoding is taken in whole runs: masks of fields are long, and sent with each call.
void AppendEncoded(std::string* encoded, absl::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  while (!text.empty()) {
    const auto* const reserved = std::find_if_not(text.begin(), text.end(), IsUnreserved);
    const auto plain = static_cast<size_t>(reserved - text.begin());
    absl::StrAppend(encoded, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    const auto byte = static_cast<unsigned char>(text[0]);
    const char escape[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    encoded->append(escape, sizeof escape);
    text.remove_prefix(1);
  }
}

}  // namespace

std::optional<std::string> PercentDecode(absl::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    const size_t plain = std::min(text.find_first_of(plus_is_space ? "%+" : "%"), text.size());
    absl::StrAppend(&decoded, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text[0] == '+') {
      decoded.push_back(' ');
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return std::nullopt;
    const int high = HexDigit(text[1]);
    const int low = HexDigit(text[2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    text.remove_prefix(3);
  }
  return decoded;
}

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  AppendEncoded(&encoded, text);
  return encoded;
}

const std::string* Parameters::Find(absl::string_view name) const {
  const auto found = std::find_if(pairs_.rbegin(), pairs_.rend(), [&](const Pair& pair) { return pair.first == name; });
  return found == pairs_.rend() ? nullptr : &found->second;
}

std::string Parameters::Get(absl::string_view name) const {
  const std::string* const found = Find(name);
  return found == nullptr ? "" : *found;
}

std::vector<std::string> Parameters::All(absl::string_view name) const {
  std::vector<std::string> values;
  for (const Pair& pair : pairs_) {
    if (pair.first == name) values.push_back(pair.second);
  }
  return values;
}

std::optional<Parameters> ParseParameters(absl::string_view text) {
  Parameters parameters;
  for (const absl::string_view part : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(part, absl::MaxSplits('=', 1));
    std::optional<std::string> name = PercentDecode(pair.first, true);
    std::optional<std::string> value = PercentDecode(pair.second, true);
    if (!name || !value) return std::nullopt;
    parameters.Add(*std::move(name), *std::move(value));
  }
  return parameters;
}

std::string FormatParameters(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters.pairs()) {
    if (!text.empty()) text.push_back('&');
    AppendEncoded(&text, name);
    text.push_back('=');
    AppendEncoded(&text, value);
  }
  return text;
}

std::optional<Target> ParseTarget(absl::string_view target) {
  if (absl::StartsWithIgnoreCase(target, "http://") || absl::StartsWithIgnoreCase(target, "https://")) {
    target.remove_prefix(target.find("//") + 2);
    const size_t slash = target.find('/');
    target = slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  if (!absl::ConsumePrefix(&target, "/")) return std::nullopt;
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  const absl::string_view path = target.substr(0, question);
  Target parsed;
  parsed.path = absl::StrCat("/", path);
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    std::optional<std::string> segment = PercentDecode(part);
    if (!segment) return std::nullopt;
    parsed.segments.push_back(*std::move(segment));
  }
  if (question != absl::string_view::npos) {
    std::optional<Parameters> query = ParseParameters(target.substr(question + 1));
    if (!query) return std::nullopt;
    parsed.query = *std::move(query);
  }
  return parsed;
}

std::optional<Address> ParseAddress(absl::string_view text) {
  Address address;
  if (absl::StartsWithIgnoreCase(text, "https://")) {
    address.secure = true;
    address.port = 443;
    text.remove_prefix(8);
  } else if (absl::StartsWithIgnoreCase(text, "http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const size_t end = text.find_first_of("/?#");
  absl::string_view host = text.substr(0, end);
  if (end != absl::string_view::npos) {
    absl::string_view rest = text.substr(end);
    rest = rest.substr(0, rest.find('#'));
    address.target = absl::StrCat(absl::StartsWith(rest, "/") ? "" : "/", rest);
  }
  if (absl::StrContains(host, '@')) return std::nullopt;
  absl::string_view port;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t close = host.find(']');
    if (close == absl::string_view::npos) return std::nullopt;
    port = host.substr(close + 1);
    host = host.substr(0, close);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) return std::nullopt;
  } else if (const size_t colon = host.find(':'); colon != absl::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  uint32_t number = address.port;
  if (!port.empty() && (!absl::SimpleAtoi(port, &number) || number == 0 || number > 0xffff)) return std::nullopt;
  if (host.empty()) return std::nullopt;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return std::nullopt;
  }
  address.port = static_cast<uint16_t>(number);
  address.host = std::string(host);
  return address;
}

Address AddressOf(absl::string_view text) { return ParseAddress(text).value(); }

std::optional<Endpoint> ParseEndpoint(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  uint32_t port = 0;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port > 0xffff) return std::nullopt;
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) return std::nullopt;
  if (host.empty()) return std::nullopt;
  return Endpoint{host == "localhost" ? "127.0.0.1" : std::string(host), static_cast<uint16_t>(port)};
}

bool IsLoopback(absl::string_view host) {
  if (absl::EqualsIgnoreCase(host, "localhost") || host == "::1") return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(host, '.');
  if (parts.size() != 4 || parts[0] != "127") return false;
  return std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
    uint32_t number = 0;
    return absl::SimpleAtoi(part, &number) && number < 256;
  });
}

}  // namespace calsync::http
