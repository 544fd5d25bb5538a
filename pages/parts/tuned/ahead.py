"""Computes and draws the first view of the page on tuned models in advance, before anybody opens it."""

from core.findings.tuned import MEASURES
from core.providers.local.tuned import read_cards
from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.readings import store_state
from pages.parts.shared.turns import give_way
from pages.parts.tuned import data
from pages.parts.tuned.view import losses_block, quadrants_block


def prepare() -> None:
    """Compute and draw."""
    known = read_cards().known
    if not known:
        return
    state = store_state()
    first = known[data.listed(known)[0]]
    blocks = [losses_block(first)]
    if first.id in data.told_country(known):
        frame = data.quadrants(state, first.id, first.weights_sha256)["frame"]
        if len(frame):
            blocks.append(quadrants_block(state, first, frame, MEASURES[0]))
            for control in data.controls(first, known):
                give_way()
                data.quadrants(state, control.id, control.weights_sha256)
    for card in data.taught_countries(known):
        give_way()
        data.ranks_of(state, card)
    for taught in data.taught_ages(known):
        give_way()
        data.ages_of(state, known, taught)
    draw_ahead(blocks)
