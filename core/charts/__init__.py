"""Charts: a data frame in, an Altair chart out.

Altair checks each piece of a chart against its schema as it is made, which takes longer than all the rest of drawing
a page. The pieces are the same for every reader, so tests have that check on (``tests/conftest.py``), the app does not.
"""

from altair.utils import schemapi

schemapi.disable_debug_mode()
