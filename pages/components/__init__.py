from pages.components.collector import keep_all

# Streamlit and what it brings are there by now; a collection of them would fall into the start.
keep_all()
