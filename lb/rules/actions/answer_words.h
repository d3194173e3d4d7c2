// The words that say what a rule answers: status, type, body, fields. Control thread.
#pragma once

#include "lb/rules/actions/action_words.h"
#include "lb/rules/actions/answer.h"

namespace reseal::rules::actions {

/// What `return`, `deny` and `tarpit` have in common, up to the condition. Without a body and without fields it is the
/// frontend's page for the status.
Compiled<Answer> take_answer(ActionWords& words, int status);

}  // namespace reseal::rules::actions
