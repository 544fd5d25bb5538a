from pages.parts.app.collector import keep_all, spare_memory

spare_memory()
# Streamlit and what it brings are there by now; a collection of them would fall into the start.
keep_all()
