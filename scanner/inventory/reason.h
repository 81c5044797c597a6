// Sentences that say why: for people who know the service and not the tool. Pure functions.
#pragma once

#include <string>

#include "scanner/core/token.h"

namespace keytrail::inventory {

// "billing-api's production Stripe token"; "the AWS token ci-deploy" where the service is unknown.
std::string subject_of(const core::Token& token);
// ", owner Platform, created 412 days ago, never rotated"
std::string history_of(const core::Token& token, core::Instant now);
// "AWS" of "aws", "Stripe" of "stripe"; empty of "own".
std::string provider_name(const std::string& provider);
// "1 day", "412 days": whole ones, never less than none.
std::string days_between(core::Instant from, core::Instant to);
// "value", or what else it was joined by, in words: "its last four characters".
std::string join_in_words(const std::string& joined_by);

}  // namespace keytrail::inventory
