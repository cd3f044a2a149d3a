extern "C" void throw_42();

void throw_42() {
  throw 42;
}
