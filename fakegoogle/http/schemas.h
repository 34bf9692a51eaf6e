// The schemas of the API, as a table: what discovery tells of them, and what bodies are held against.

#ifndef CALSYNC_FAKEGOOGLE_HTTP_SCHEMAS_H_
#define CALSYNC_FAKEGOOGLE_HTTP_SCHEMAS_H_

#include <map>
#include <string>
#include <vector>

#include "fakegoogle/http/json.h"

namespace calsync::fake {

// One member of a schema.
struct SchemaField {
  std::string name;
  std::string type;  // "string", "integer", "boolean", "any", or the name of a schema.
  std::string format;
  bool is_list = false;
  bool is_map = false;
};
using Schema = std::vector<SchemaField>;
const std::map<std::string, Schema>& Schemas();

// Whether the member of a body is of the kind that the schema says; what it does not know, and null, is.
bool FitsSchema(const std::string& schema, const char* name, const Json& value);

}  // namespace calsync::fake

#endif  // CALSYNC_FAKEGOOGLE_HTTP_SCHEMAS_H_
