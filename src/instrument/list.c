/* Every instrument. A new one: its folder, and its row here. */

#include "instrument/instrument.h"

const Instrument *const instruments[] = { &load_instrument, &profile_instrument, &system_instrument,
                                          NULL };
