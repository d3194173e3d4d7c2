// What a rule answers in place of a server. Compiled once; immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/rules/expression/format.h"
#include "lb/rules/static_body.h"

namespace reseal::rules::actions {

struct Answer {
  enum class Kind : std::uint8_t {
    kError,     ///< the frontend's page for the status
    kReply,     ///< a body of its own, or none
    kRedirect,  ///< to what the verdict says
    kMetrics,   ///< what HAProxy's exporter tells
  };
  struct Field {
    std::string name;
    expression::Format value;
  };

  Kind kind = Kind::kError;
  int status = 403;
  std::string content_type;                ///< with kReply; empty: none is said
  std::shared_ptr<const StaticBody> body;  ///< with kReply; null: see text
  expression::Format text;                 ///< with kReply: a body with expressions
  std::shared_ptr<const StaticBody>
      page;                   ///< a whole response from a file: with its status, logged with the other
  std::vector<Field> fields;  ///< of replies and redirects
  bool is_refusal = false;    ///< of `deny` and `tarpit`: counted as that, whatever is answered
  bool is_tarpit = false;     ///< sent only after `timeout tarpit`
};

}  // namespace reseal::rules::actions
