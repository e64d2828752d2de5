"""Many values encrypted and indexed at once: as each alone."""

from registry import secrets

VALUES = ["", "홍길동|1990-01-01", "+821000000001", "x" * 200]


def test_it_indexes_many_as_it_does_each():
    assert secrets.blind_indexes("name", VALUES) == [secrets.blind_index("name", value) for value in VALUES]
    assert secrets.blind_indexes("name", VALUES) != secrets.blind_indexes("phone", VALUES)


def test_it_encrypts_many_as_it_does_each_and_none_alike():
    plains = [value.encode() for value in [*VALUES, *VALUES]]
    found = secrets.encrypt_all(plains, purpose="citizen.name")
    assert [secrets.decrypt(each, purpose="citizen.name") for each in found] == plains
    assert len(set(found)) == len({each[: secrets.KEY_ID + secrets.NONCE] for each in found}) == len(plains)
