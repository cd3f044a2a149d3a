#include <sluice/connector.hpp>

#include "file_destination.hpp"
#include "file_source.hpp"

SLUICE_CONNECTOR(file_connector::FileSource, file_connector::FileDestination)
