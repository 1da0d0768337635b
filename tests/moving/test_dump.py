# SPDX-License-Identifier: EUPL-1.2
"""A dump of the other side's database brings passwords and keys, each verified once."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pytest
import zstandard
from tests.api.conftest import World
from tests.moving.conftest import moved

from brug.directory import moved_secrets
from brug.directory.signing_in import SignedIn, WrongCredentials, sign_in
from brug.formats.mysql_dump import rows
from brug.model.errors import Invalid, Unauthenticated
from brug.store.session import Database

KEY = "Ab3dEfGh1jKlMnOpQrStUvWxYz0123456789QxYz"
PASSWORD = "It's \\ 'quoted'; -- and more"


def _hash(secret: str) -> str:
    """As PHP's password_hash writes it."""
    digest = bcrypt.hashpw(secret.encode(), bcrypt.gensalt(4)).decode()
    return digest.replace("$2b$", "$2y$")


def _dump(user_id: int) -> str:
    """In the form of mariadb-dump, of as much of the schema as matters."""
    return f"""\
/*M!999999\\- enable the sandbox mode */
-- MariaDB dump 10.19-11.8.3-MariaDB, for debian-linux-gnu (x86_64)
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `attributes`;
CREATE TABLE `attributes` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `value1` text NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `attributes` VALUES
(1,'INSERT INTO `users` VALUES (9,\\'no\\');'),
(2,'x');
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `password` varchar(255) NOT NULL,
  `org_id` int(11) NOT NULL,
  `email` varchar(255) NOT NULL,
  `gpgkey` longtext DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `email` (`email`)
) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4;
LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES
({user_id},'{_hash(PASSWORD)}',1,'user@people.example','a\\nkey; it''s \\'here\\''),
(99,'d0be2dc421be4fcd0172e5afceea3970e2f3d940',1,'gone@people.example',NULL);
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
CREATE TABLE `auth_keys` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `uuid` varchar(40) NOT NULL,
  `authkey` varchar(72) CHARACTER SET ascii DEFAULT NULL,
  `authkey_start` varchar(4) DEFAULT NULL,
  `authkey_end` varchar(4) DEFAULT NULL,
  `created` int(10) unsigned NOT NULL,
  `expiration` int(10) unsigned NOT NULL,
  `read_only` tinyint(1) NOT NULL DEFAULT 0,
  `user_id` int(10) unsigned NOT NULL,
  `comment` text DEFAULT NULL,
  `allowed_ips` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;
INSERT INTO `auth_keys` (`id`, `uuid`, `authkey`, `authkey_start`, `authkey_end`, `created`,\
 `expiration`, `read_only`, `user_id`, `comment`, `allowed_ips`) VALUES\
 (41,'33333333-3333-4333-8333-333333333333','{_hash(KEY)}','{KEY[:4]}','{KEY[-4:]}',1790000000,0,\
1,{user_id},'of a script',NULL),(42,'33333333-3333-4333-8333-333333333334',\
'$2y$31$abcdefghijklmnopqrstuuFH3fZkfZkfZkfZkfZkfZkfZkfZkfZkf','Abcd','wxyz',1790000000,0,\
0,{user_id},'costs years to compare','[\\"192.0.2.7\\"]');
"""


@pytest.fixture(params=["sql", "gz", "zst"])
def dump(request: pytest.FixtureRequest, tmp_path: Path, old: World) -> Path:
    packers: dict[str, Callable[[bytes], bytes]] = {
        "sql": bytes,
        "gz": gzip.compress,
        "zst": zstandard.ZstdCompressor().compress,
    }
    path = tmp_path / f"misp.{request.param}"
    path.write_bytes(packers[request.param](_dump(old.ids["user"]).encode()))
    return path


def test_keys_and_passwords_of_a_dump_work_as_before(old: World, new: Database, dump: Path) -> None:
    report = moved(old, new, dump=dump)
    assert [r.item for r in report.refused] == ["key Abcd...wxyz of user@people.example"]
    people = {p.email: p for p in report.people}
    assert not people["user@people.example"].password
    assert people["user2@people.example"].password
    # The key: unknown at first, recognised once, then one of this node's own.
    with pytest.raises(Unauthenticated), new.as_key(KEY):
        pass
    assert moved_secrets.recognise(new, KEY)
    with new.as_key(KEY) as session:
        assert session.principal.email == "user@people.example"
        assert session.principal.read_only
    with new.system() as session:
        assert session.value("SELECT count(*) FROM moved_key") == 0
        assert session.value("SELECT comment FROM auth_key WHERE id = 41") == "of a script"
    # The password: verified by bcrypt once, by argon2id from then on.
    with pytest.raises(WrongCredentials):
        sign_in(new, "user@people.example", "wrong", "192.0.2.1")
    for _ in range(2):
        assert isinstance(sign_in(new, "user@people.example", PASSWORD, "192.0.2.1"), SignedIn)
        with new.system() as session:
            stored = session.value(
                "SELECT password_hash FROM account WHERE email = 'user@people.example'"
            )
        assert stored.startswith("$argon2id$")


def test_a_wrong_key_with_the_right_ends_is_compared_a_few_times_only(
    old: World, new: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "misp.sql"
    path.write_text(_dump(old.ids["user"]))
    moved(old, new, dump=path)
    compared: list[bytes] = []
    real = bcrypt.checkpw

    def counted(secret: bytes, digest: bytes) -> bool:
        compared.append(secret)
        return real(secret, digest)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    for number in range(20):
        wrong = KEY[:4] + hashlib.sha256(str(number).encode()).hexdigest()[:32] + KEY[-4:]
        assert not moved_secrets.recognise(new, wrong)
    assert len(compared) == moved_secrets.TRIES
    for number in range(20):
        assert not moved_secrets.recognise(new, f"{number:040}")
    assert len(compared) == moved_secrets.TRIES


BROKEN = [
    "INSERT INTO `users` VALUES (1,'no columns are known');",
    "CREATE TABLE `users` (\n  `id` int(11)\n);\nINSERT INTO `users` VALUES (1,2);",
    "CREATE TABLE `users` (\n  `id` int(11)\n);\nINSERT INTO `users` VALUES (sleep(1));",
    "CREATE TABLE `users` (\n  `id` int(11)\n);\nINSERT INTO `users` VALUES ('never ends",
    "CREATE TABLE `users` (\n  `id` int(11)\n);\nINSERT INTO `users` VALUES (1) UNION SELECT;",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_dump_is_refused_by_line_and_without_what_it_holds(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        list(rows(text.encode().split(b"\n"), {"users"}))
    assert "line " in refused.value.public
    for secret in ("no columns", "never ends", "sleep", "SELECT"):
        assert secret not in refused.value.public


def test_every_literal_of_a_dump_is_read() -> None:
    text = (
        "CREATE TABLE `t` (\n  `a` text,\n  `b` blob,\n  `c` int,\n  `d` double\n) x;\n"
        "INSERT INTO `t` VALUES ('a\\'b\\\\c''d\\n\\0\\Z','',NULL,-1.5e-3),\n"
        "(_binary 'x\\\"y',0x414243,12,NULL);\nSELECT 1;\n"
    )
    found = [row for _, row in rows(text.encode().split(b"\n"), {"t"})]
    assert found == [
        {"a": "a'b\\c'd\n\0\x1a", "b": "", "c": None, "d": "-1.5e-3"},
        {"a": 'x"y', "b": "ABC", "c": "12", "d": None},
    ]
