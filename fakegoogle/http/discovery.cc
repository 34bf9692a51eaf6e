#include "fakegoogle/http/discovery.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "fakegoogle/http/methods.h"
#include "fakegoogle/http/schemas.h"

namespace calsync::fake {
namespace {

Json ParameterJson(const Parameter& parameter) {
  Json json = Json::object();
  switch (parameter.type) {
    case ValueType::kText:
      json["type"] = "string";
      break;
    case ValueType::kWhole:
      json["type"] = "integer";
      json["format"] = "int32";
      break;
    case ValueType::kFlag:
      json["type"] = "boolean";
      break;
  }
  json["location"] = parameter.in_path ? "path" : "query";
  if (parameter.required) json["required"] = true;
  if (parameter.repeated) json["repeated"] = true;
  if (parameter.least) json["minimum"] = absl::StrCat(*parameter.least);
  if (parameter.most) json["maximum"] = absl::StrCat(*parameter.most);
  if (!parameter.choices.empty()) json["enum"] = parameter.choices;
  return json;
}

Json MethodJson(const Method& method) {
  Json json{{"id", absl::StrCat("calendar.", method.id)}, {"httpMethod", method.verb}, {"path", method.path}};
  Json parameters = Json::object();
  Json order = Json::array();
  for (const Parameter& parameter : method.parameters) {
    parameters[parameter.name] = ParameterJson(parameter);
    if (parameter.required) order.push_back(parameter.name);
  }
  if (!parameters.empty()) json["parameters"] = std::move(parameters);
  if (!order.empty()) json["parameterOrder"] = std::move(order);
  if (!method.request.empty()) {
    json["request"] = {{"$ref", method.request}};
    if (method.request == "Channel") json["request"]["parameterName"] = "resource";
  }
  if (!method.response.empty()) json["response"] = {{"$ref", method.response}};
  json["scopes"] = Json::array();
  for (const absl::string_view scope : absl::StrSplit(FormatScopes(method.scopes), ' ')) json["scopes"].push_back(scope);
  // What can be watched, too.
  const bool watched = absl::EndsWith(method.id, ".list") || method.id == "events.instances";
  if (watched || absl::EndsWith(method.id, ".watch")) json["supportsSubscription"] = true;
  return json;
}

Json TypeJson(const SchemaField& field) {
  Json json = Json::object();
  if (field.type == "string" || field.type == "integer" || field.type == "boolean" || field.type == "any") {
    json["type"] = field.type;
  } else {
    json["$ref"] = field.type;
  }
  if (!field.format.empty()) json["format"] = field.format;
  return json;
}

Json SchemaJson(const std::string& name, const Schema& schema) {
  Json properties = Json::object();
  for (const SchemaField& field : schema) {
    Json type = TypeJson(field);
    if (field.is_list) type = Json{{"type", "array"}, {"items", std::move(type)}};
    if (field.is_map) type = Json{{"type", "object"}, {"additionalProperties", std::move(type)}};
    properties[field.name] = std::move(type);
  }
  return {{"id", name}, {"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

Json DiscoveryDocument(const std::string& root_url) {
  Json json{{"kind", "discovery#restDescription"},
            {"discoveryVersion", "v1"},
            {"id", "calendar:v3"},
            {"name", "calendar"},
            {"version", "v3"},
            {"title", "Calendar API (fake)"},
            {"description", "A fake of Google Calendar for tests."},
            {"protocol", "rest"},
            {"rootUrl", root_url},
            {"servicePath", "calendar/v3/"},
            {"basePath", "/calendar/v3/"},
            {"baseUrl", absl::StrCat(root_url, "calendar/v3/")},
            {"batchPath", "batch/calendar/v3"}};
  json["parameters"] = {
      {"alt", {{"type", "string"}, {"default", "json"}, {"enum", Json::array({"json"})}, {"location", "query"}}},
      {"fields", {{"type", "string"}, {"location", "query"}}},
      {"key", {{"type", "string"}, {"location", "query"}}},
      {"oauth_token", {{"type", "string"}, {"location", "query"}}},
      {"prettyPrint", {{"type", "boolean"}, {"default", "true"}, {"location", "query"}}},
      {"quotaUser", {{"type", "string"}, {"location", "query"}}},
      {"userIp", {{"type", "string"}, {"location", "query"}}}};
  Json scopes = Json::object();
  for (const absl::string_view name : ScopeNames()) {
    scopes[absl::StrCat(kScopePrefix, name)] = {{"description", absl::StrCat("Scope ", name)}};
  }
  json["auth"] = {{"oauth2", {{"scopes", std::move(scopes)}}}};
  Json schemas = Json::object();
  for (const auto& [name, schema] : Schemas()) schemas[name] = SchemaJson(name, schema);
  json["schemas"] = std::move(schemas);
  Json resources = Json::object();
  for (const Method& method : Methods()) {
    const std::pair<std::string, std::string> name = absl::StrSplit(method.id, '.');
    resources[name.first]["methods"][name.second] = MethodJson(method);
  }
  json["resources"] = std::move(resources);
  return json;
}

}  // namespace calsync::fake
