// Debian's libboost_json.a is not position-independent, and a connector exports nothing but its
// entry point: Boost.JSON is compiled into the SDK.
#include <boost/json/src.hpp>
