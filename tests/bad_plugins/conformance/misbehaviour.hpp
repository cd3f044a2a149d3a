// What a connector does wrong, in which group of the conformance kit; one plugin each.
#pragma once

enum class Misbehaviour {
  None,
  Binary,        // can be unloaded (a matter of its link alone)
  Spec,          // shows a secret
  Config,        // does without an option that it requires
  Check,         // takes any credentials
  Discover,      // names a stream twice
  Read,          // leaves out a record when it goes on
  Write,         // says that a refused record is written
  Faults,        // takes a limit for the end of the data
  Cancellation,  // does not listen while it waits
  Hygiene,       // prints
  Receipts,      // answers with receipts, which it does not declare (group write)
};

extern const Misbehaviour kMisbehaviour;
