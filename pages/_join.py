"""A short address for pupils to type: it leads to the lesson of their class."""

from pages.parts.app.frame import inside_app, lead_to

inside_app()
lead_to("learn", join="")
