#include "misbehaviour.hpp"

const Misbehaviour kMisbehaviour = Misbehaviour::SLUICE_MISBEHAVIOUR;
