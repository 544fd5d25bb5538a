"""A class that guesses together: pupils on their phones, the teacher's screen, and nothing that is kept.

:class:`Classrooms` holds all classrooms of the process. The teacher opens a :class:`Classroom` and gets its code.
Pupils join with the code, guess without a name, and see the answer once the teacher shows it. Everything is in memory
alone.
"""

from core.classroom.address import join_address, lan_address, qr_svg, root_of
from core.classroom.guesses import guesses_frame
from core.classroom.room import Classroom, Look, Round
from core.classroom.rooms import CODE_LENGTH, Classrooms, read_code

__all__ = [
    "CODE_LENGTH",
    "Classroom",
    "Classrooms",
    "Look",
    "Round",
    "guesses_frame",
    "join_address",
    "lan_address",
    "qr_svg",
    "read_code",
    "root_of",
]
