# %% [markdown]
# # Parallax from a notebook
# Ask a model, hold its answers against people's, and run an audit: all on the small built-in model, with no key.
# Editors that know `# %%` show this file as a notebook; `python docs/notebook.py` runs it from top to bottom.

# %%
import core as px

MODEL = "smollm2-135m-instruct"

# %% [markdown]
# ## Ask
# One question, in every rotation of its options, as a person in China, as a young one in the USA, and as nobody in
# particular; `text=False` leaves out the written answer. The first time, the model is fetched (about 90 MB).

# %%
a = px.ask("Q57", model=MODEL, personas=["CHN", "USA|18-29"], text=False)
a.frame()[["persona", "option", "probability", "valid_mass", "position_bias"]]

# %% [markdown]
# The prompts as the model read them:

# %%
a.prompts[0]

# %% [markdown]
# ## Compare
# How far is each answer from what people in China said? `uniform` is what knowing nothing would have, `others` the mean
# of all other countries, and between `floor_low` and `floor_high` lies what a perfect answer of the survey's size has.

# %%
people = px.people("Q57", "CHN")
a.compare(people)[["persona", "measure", "distance", "uniform", "others", "floor_low", "floor_high"]]

# %% [markdown]
# ## Plot

# %%
a.plot(people)

# %% [markdown]
# ## A question of your own
# Nobody has answered it yet, so there are no people to hold it against.

# %%
own = px.ask("Should a city plant more trees?", model=MODEL, options=["Yes", "No"], text=False)
own.frame()[["option", "probability"]]

# %% [markdown]
# ## Run an audit
# A run is kept, can be stopped and resumed, and shows in the app too. `estimate` tells what it would take; nothing is
# asked before `resume`. Without `start=False` it begins at once.

# %%
three = ["Q57", "Q165", "Q167"]
spec = px.audits.Alignment(models=[MODEL], questions=three, personas=["CHN", "USA"], text_check=False)
run = px.run(spec, cap=px.Cap(dollars=2), title="A first look", start=False)
run.estimate()

# %%
run.resume()

# %%
run.frame()[["question_id", "country", "outcome", "latency_s"]].head()

# %% [markdown]
# ## Scores
# Named frames. `matrix` has the skill over an even guess: 0 is no better than knowing nothing, 1 is the public's own
# answer; `asked` tells whether the model was told the country or nothing. Three questions are far too few for a
# finding, as the interval says.

# %%
columns = ["country", "asked", "questions", "skill_uniform", "skill_uniform_low", "skill_uniform_high"]
run.scores()["matrix"][columns]
