"""Passwords of the staff."""

import asyncio

import pytest
from argon2 import PasswordHasher

from content.panel.entry.passwords import Passwords, TooBusy, fault

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("corto", "short"),
        ("cuatro-pal", "short"),
        ("x" * 257, "long"),
        ("123456789012", "easy"),
        ("aaaaaaaaaaaaaaa", "easy"),
        ("Contraseña2026!", "easy"),
        ("qwertyuiop1234", "easy"),
        ("PeruPeruPeru2026", "easy"),
        ("Orienta.Admin.1", "easy"),
        ("ana.quispe.2026", "easy"),
        ("QuispeMamani99", "easy"),
        ("caballo pila grapa", ""),
        ("Vaca7tormenta%risa", ""),
        ("ñandú vuela bajo", ""),
    ],
)
def test_what_a_password_must_be_like(password: str, wrong: str) -> None:
    """Long, and not made of one's own name or of what everybody takes."""
    assert fault(password, "ana.quispe@example.org", "Ana Quispe Mamani") == wrong


async def test_a_password_is_recognised_however_it_is_typed() -> None:
    """An accent may come as one character or as two."""
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("ñandú vuela bajo")
    assert await passwords.verify("n\u0303andu\u0301 vuela bajo", stored)
    assert not await passwords.verify("nandu vuela bajo", stored)
    assert "vuela" not in stored


async def test_nobody_has_the_password_of_nobody() -> None:
    """Not even who knows with which words the time is spent."""
    passwords = Passwords(CHEAP)
    assert not await passwords.verify("the password of nobody", None)
    assert not await passwords.verify("anything", "no hash at all")


async def test_hashes_with_old_parameters_are_known() -> None:
    """They are made again at the next sign-in."""
    stored = await Passwords(CHEAP).hash("caballo pila grapa")
    assert Passwords().is_outdated(stored)
    assert not Passwords(CHEAP).is_outdated(stored)


async def test_a_flood_is_turned_away() -> None:
    """Two are checked at once, some wait, and the others are told at once."""
    passwords = Passwords(CHEAP, at_once=2, waiting=3)
    given = [passwords.hash(f"caballo pila grapa {n}") for n in range(20)]
    done = await asyncio.gather(*given, return_exceptions=True)
    assert sum(isinstance(one, TooBusy) for one in done) == 15
    assert await passwords.hash("afterwards there is room again")
