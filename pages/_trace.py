"""The old address of the reasoning traces."""

from pages.parts.app.frame import inside_app, lead_to

inside_app()
lead_to("traces")
