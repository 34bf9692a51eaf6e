#include "fakegoogle/http/batch.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace calsync::fake {
namespace {

std::optional<std::string> BoundaryOf(absl::string_view content_type) {
  if (!absl::StartsWithIgnoreCase(absl::StripLeadingAsciiWhitespace(content_type), "multipart/mixed")) return std::nullopt;
  for (absl::string_view part : absl::StrSplit(content_type, ';')) {
    part = absl::StripAsciiWhitespace(part);
    if (!absl::StartsWithIgnoreCase(part, "boundary=")) continue;
    part.remove_prefix(9);
    if (absl::ConsumePrefix(&part, "\"")) absl::ConsumeSuffix(&part, "\"");
    return part.empty() ? std::nullopt : std::optional<std::string>(part);
  }
  return std::nullopt;
}

// Takes a line, without its end.
absl::string_view TakeLine(absl::string_view& text) {
  const size_t end = text.find('\n');
  absl::string_view line = text.substr(0, end);
  text = end == absl::string_view::npos ? absl::string_view() : text.substr(end + 1);
  absl::ConsumeSuffix(&line, "\r");
  return line;
}

// Lines of headers up to an empty one, or the end.
http::Headers TakeHeaders(absl::string_view& text) {
  http::Headers headers;
  while (!text.empty()) {
    const absl::string_view line = TakeLine(text);
    if (line.empty()) break;
    const std::pair<absl::string_view, absl::string_view> field = absl::StrSplit(line, absl::MaxSplits(':', 1));
    headers.Add(std::string(absl::StripAsciiWhitespace(field.first)), std::string(absl::StripAsciiWhitespace(field.second)));
  }
  return headers;
}

std::optional<http::Request> ReadRequest(absl::string_view text, const http::Headers& outer) {
  while (absl::StartsWith(text, "\n") || absl::StartsWith(text, "\r\n")) TakeLine(text);
  const std::vector<std::string> words = absl::StrSplit(TakeLine(text), ' ', absl::SkipEmpty());
  if (words.size() < 2 || words.size() > 3) return std::nullopt;
  http::Request request{.method = absl::AsciiStrToUpper(words[0]), .target = words[1], .headers = TakeHeaders(text)};
  for (const auto& [name, value] : outer.fields()) {
    if (!absl::StartsWithIgnoreCase(name, "Content-") && request.headers.Find(name) == nullptr) request.headers.Add(name, value);
  }
  // The line end before the boundary belongs to that, one more to a tidy client.
  request.body = std::string(absl::StripTrailingAsciiWhitespace(text));
  return request;
}

}  // namespace

std::optional<std::vector<BatchPart>> ParseBatch(const http::Request& outer) {
  const std::optional<std::string> boundary = BoundaryOf(outer.headers.Get("Content-Type"));
  if (!boundary) return std::nullopt;
  const std::string delimiter = absl::StrCat("--", *boundary);
  const std::string last = absl::StrCat(delimiter, "--");
  std::vector<BatchPart> parts;
  absl::string_view rest = outer.body;
  bool inside = false;
  const char* from = nullptr;
  while (!rest.empty()) {
    const char* const start = rest.data();
    const absl::string_view line = absl::StripTrailingAsciiWhitespace(TakeLine(rest));
    const bool ends = line == last;
    if (line != delimiter && !ends) continue;
    if (inside) {
      absl::string_view part(from, static_cast<size_t>(start - from));
      const http::Headers headers = TakeHeaders(part);
      parts.push_back({std::string(headers.Get("Content-ID")), ReadRequest(part, outer.headers)});
    }
    if (ends) return parts;
    inside = true;
    from = rest.data();
  }
  return std::nullopt;
}

http::Response FormatBatch(const std::vector<std::pair<std::string, http::Response>>& answers, absl::string_view boundary) {
  http::Response response;
  response.headers.Add("Content-Type", absl::StrCat("multipart/mixed; boundary=", boundary));
  for (const auto& [content_id, answer] : answers) {
    absl::StrAppend(&response.body, "--", boundary, "\r\nContent-Type: application/http\r\n");
    if (!content_id.empty()) {
      const absl::string_view opened = absl::StartsWith(content_id, "<") ? "<response-" : "response-";
      absl::StrAppend(&response.body, "Content-ID: ", opened, absl::StripPrefix(content_id, "<"), "\r\n");
    }
    absl::StrAppend(&response.body, "\r\nHTTP/1.1 ", answer.status, " ", answer.status < 300 ? "OK" : "Error", "\r\n");
    for (const auto& [name, value] : answer.headers.fields()) absl::StrAppend(&response.body, name, ": ", value, "\r\n");
    absl::StrAppend(&response.body, "Content-Length: ", answer.body.size(), "\r\n\r\n", answer.body, "\r\n");
  }
  absl::StrAppend(&response.body, "--", boundary, "--\r\n");
  return response;
}

}  // namespace calsync::fake
