// The pack walk for some objects of many: each pack that holds a good part of them is opened and walked for these
// alone, with the bases that they are made from. What is wanted and made from something wanted is scanned by its fresh
// spans, as in a sweep.
//
// Reading objects one by one (deliver.h) expands the front of each chain again and scans each text whole. It is left
// for what is few: an index must have its checksum before it is believed.
#pragma once

#include <string>
#include <vector>

#include "scanner/core/source.h"
#include "scanner/git/deliver.h"

namespace keytrail::git {

// Returns what it has not handed over, in the same order: objects that are in no such pack, or damaged there, or too
// large to be held. Says nothing of these.
std::vector<Delivery> deliver_packed(const std::vector<std::string>& folders, std::vector<Delivery> deliveries,
                                     core::Sink& sink, unsigned threads);

}  // namespace keytrail::git
