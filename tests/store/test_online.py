"""The setting of the online store, and servers that are not there or do not let us in."""

from dataclasses import replace

import pytest

from churnlab.errors import ChurnlabError
from churnlab.store.online import VARIABLE, online_setting
from store.served import as_served, free_port, served


def test_sqlite_is_what_params_yaml_says_and_the_environment_comes_first():
    assert online_setting("sqlite", {}) is None
    assert online_setting("redis://values:6380/2", {}).shown == "redis://values:6380/2"
    assert online_setting("redis://values", {VARIABLE: "sqlite"}) is None
    assert online_setting("sqlite", {VARIABLE: "rediss://safe"}).shown == "rediss://safe:6379/0"


def test_user_and_password_are_used_and_never_shown():
    server = online_setting("sqlite", {VARIABLE: "redis://me" + ":p%2Cw%3D1e5@values:6380/2"})

    assert (server.user, server.password) == ("me", "p,w=1e5")
    assert "p,w" not in repr(server) + server.shown
    assert "me" not in repr(server) + server.shown


def test_feast_reads_back_a_password_with_commas_and_one_of_digits():
    pytest.importorskip("feast", reason="the extra `store` is not installed")
    from feast.infra.online_stores.redis import RedisOnlineStore

    for password in ("p,w=1e5", "12345", '"quoted"'):
        server = online_setting("redis://values", {})
        server = type(server)(server.host, 6379, 0, False, "me", password)
        nodes, options = RedisOnlineStore._parse_connection_string(server.connection_string())

        assert nodes == [{"host": "values", "port": "6379"}]
        assert (options["username"], options["password"]) == ("me", password)


@pytest.mark.parametrize(
    "wrong",
    [
        "mysql://x",
        "redis",
        "redis://",
        "redis://secret@host:port",
        "redis://u" + ":secret@h:1/first",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(wrong):
    with pytest.raises(ChurnlabError, match=f"{VARIABLE}: neither sqlite nor the address") as told:
        online_setting("sqlite", {VARIABLE: wrong})
    assert "secret" not in str(told.value)


@pytest.mark.slow
def test_a_server_that_is_not_there_is_told_with_what_to_do(root):
    study = served(
        root, "telecom", CHURNLAB_ONLINE_STORE="redis://u" + f":secret@127.0.0.1:{free_port()}"
    )

    with pytest.raises(ChurnlabError, match="cannot be reached") as told:
        study.apply()

    for words in ("start the server", VARIABLE, "params.yaml", "sqlite"):
        assert words in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.slow
def test_a_server_that_goes_away_is_told_at_the_lookup(root, redis_server, tmp_path):
    from store.served import RedisServer

    server = RedisServer(redis_server.process.args[0], tmp_path)
    study = served(root, "telecom", CHURNLAB_ONLINE_STORE=server.url)
    study.apply()
    study.materialise()
    server.stop()

    with pytest.raises(ChurnlabError, match="cannot be reached"):
        study.lookup(as_served(study, ["0"]))


@pytest.mark.slow
def test_a_wrong_password_is_told_without_it(root, redis_server):
    url = f"redis://:wrong-secret@127.0.0.1:{redis_server.port}"

    with pytest.raises(ChurnlabError, match="the server refuses us") as told:
        served(root, "telecom", CHURNLAB_ONLINE_STORE=url).apply()
    assert "wrong-secret" not in str(told.value)


@pytest.mark.slow
def test_a_server_that_answers_and_then_refuses_is_told(root, redis_server):
    redis_server.client().flushall()
    study = served(root, "telecom", CHURNLAB_ONLINE_STORE=redis_server.url)
    study.apply()
    study.materialise()
    # A user who may only ask whether the server is there, and a server without room.
    redis_server.client().execute_command("ACL", "SETUSER", "guest", "on", ">secret", "+ping")
    guest = "redis://guest" + f":secret@127.0.0.1:{redis_server.port}/0"
    asking = replace(study, online=online_setting(guest, {}))
    with pytest.raises(ChurnlabError, match="the server refuses us") as told:
        asking.lookup(as_served(study, ["0"]))
    assert "secret" not in str(told.value)
    redis_server.client().config_set("maxmemory", 1)
    try:
        with pytest.raises(ChurnlabError, match=r"refuses what it is asked .*maxmemory"):
            study.materialise()
    finally:
        redis_server.client().config_set("maxmemory", 0)
        redis_server.client().execute_command("ACL", "DELUSER", "guest")
    study.materialise()


@pytest.mark.slow
def test_values_of_two_studies_do_not_disturb_each_other_in_one_server(root, redis_server):
    redis_server.client().flushall()
    setting = {"CHURNLAB_ONLINE_STORE": redis_server.url}
    bank, telecom = (served(root, name, **setting) for name in ("bank", "telecom"))
    for study in (bank, telecom):
        study.apply()
        study.materialise()
    telecom.materialise()

    assert bank.lookup(as_served(bank, ["15000001"]))
    assert telecom.lookup(as_served(telecom, ["0"]))
    assert len(list(redis_server.client().scan_iter())) == 80 + 300
