/* A plugin that lets a second symbol out. */
void sluice_connector_entry(void);
void leaked_symbol(void);

void sluice_connector_entry(void) {}
void leaked_symbol(void) {}
