"""Players of Overcooked who know what they do, for tests in which soup has to be served."""

from cogrid.core.objects import object_to_idx

UP, DOWN, LEFT, RIGHT, HANDS, STAY = 0, 1, 2, 3, 4, 6
WAYS = {UP: (-1, 0), DOWN: (1, 0), LEFT: (0, -1), RIGHT: (0, 1)}
DIRECTION = {UP: 3, DOWN: 1, LEFT: 2, RIGHT: 0}  # as cogrid numbers where somebody looks
POT, BEFORE_POT, HATCH, PLATES = (0, 2), (1, 2), (3, 3), (3, 1)
CRATES, SHELVES = ((1, 0), (1, 4)), ((2, 0), (2, 4))
ONION, PLATE, SOUP = (object_to_idx(name, scope="overcooked") for name in ("onion", "plate", "onion_soup"))


class Cooks:
    """Two who bring onions, wait, and serve; each goes for what the kitchen needs next."""

    def __init__(self, env):
        self.env = env

    def action(self, me):
        state = self.env.state
        place, other = (tuple(state.agent_pos[who].tolist()) for who in (me, 1 - me))
        goal = self._goal(me, state)
        if goal is None:
            return self._first_step(place, state, other, lambda at: at != BEFORE_POT) if place == BEFORE_POT else STAY
        for action, (down, across) in WAYS.items():
            if (place[0] + down, place[1] + across) == goal:
                return HANDS if state.agent_dir[me] == DIRECTION[action] else action
        return self._first_step(place, state, other, lambda at: abs(at[0] - goal[0]) + abs(at[1] - goal[1]) == 1)

    def _goal(self, me, state):
        """The thing to go to, or None to wait."""
        held, others = int(state.agent_inv[me, 0]), int(state.agent_inv[1 - me, 0])
        inside = state.extra_state["overcooked.pot_contents"][0].tolist().count(ONION)
        ready = inside == 3 and state.extra_state["overcooked.pot_timer"][0] == 0
        if held == SOUP:
            return HATCH
        if held == PLATE:
            return POT if ready else None
        if held == ONION:
            return POT if inside < 3 else SHELVES[me]
        if inside + (others == ONION) < 3:
            return CRATES[me]
        return None if others in (PLATE, SOUP) else PLATES

    def _first_step(self, place, state, other, there):
        """The beginning of the shortest way round the other."""
        ways, seen = [(place, STAY)], {place, other}
        for at, first in ways:
            if there(at) and at != place:
                return first
            for action, (down, across) in WAYS.items():
                to = (at[0] + down, at[1] + across)
                if to not in seen and state.object_type_map[to] == 0:
                    seen.add(to)
                    ways.append((to, action if at == place else first))
        return STAY
