"""Encrypted connections: of the blocking client, the historic one, asyncio, and the worker."""

import asyncio
import hashlib
import shutil
import ssl
import subprocess

import pytest
import yaml

from coordinate import Coordinate, TaskMaster, aio
from coordinate.commands import main
from coordinate.testing import Daemon

TOKEN = "a token that nobody can guess"


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """A daemon that speaks TLS only, and asks who is calling; with the path of the authority to trust."""
    openssl = shutil.which("openssl") or pytest.skip("there is no openssl")
    folder = tmp_path_factory.mktemp("tls")
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    made += ["-subj", "/CN=daemon", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *made, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    callers = [
        {
            "name": "me",
            "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "rights": {name: ["define", "submit", "work", "admin"] for name in ("demo", "")},
        }
    ]
    (folder / "callers.yaml").write_text(yaml.safe_dump({"callers": callers}))
    flags = ["-tls-cert", str(folder / "cert.pem"), "-tls-key", str(folder / "key.pem"), "-auth-tokens", str(folder / "callers.yaml")]
    with Daemon(flags) as daemon:
        yield daemon, str(folder / "cert.pem")


def test_task_and_worker(secret):
    daemon, authority = secret
    app = Coordinate(daemon.address, token=TOKEN, namespace="demo", tls=authority)

    @app.task(spec="twice")
    def twice(n: int):
        return {"twice": 2 * n}

    twice.map(range(300), key=str, batch=50)
    app.worker(processes=2).run(until_idle=True)
    assert dict(twice.finished()) == {str(n): {"twice": 2 * n} for n in range(300)}
    app.client.close()


def test_asyncio(secret):
    daemon, authority = secret

    async def session():
        async with aio.Client(daemon.address, token=TOKEN, namespace="demo", tls=authority) as client:
            said, _ = await client.call("hello")
            assert (said["caller"], said["namespace"]) == ("me", "demo")
            await client.call("set_work_spec", {"name": "s"})
            await client.call("add_work_units", "s", ["a"])
            assert await client.get_work("w", max_jobs=5, work_spec_names=["s"]) == [("s", b"a", {})]
            assert await client.get_work("w", work_spec_names=["s"]) == []

    asyncio.run(session())


def test_asyncio_worker(secret):
    daemon, authority = secret
    app = Coordinate(daemon.address, token=TOKEN, namespace="demo", tls=authority)

    @app.task(spec="later")
    async def later(n: int):
        return {"n": n + 1}

    later.map(range(10), key=str)
    asyncio.run(aio.Worker(app).run(until_idle=True))
    assert dict(later.finished())["9"] == {"n": 10}
    app.client.close()


def test_historic_client_and_commands(secret, tmp_path, capsys):
    daemon, authority = secret
    (tmp_path / "token").write_text(TOKEN + "\n")
    block = dict(daemon.config, namespace="demo", token_file=str(tmp_path / "token"), tls={"ca": authority})
    with TaskMaster(block) as master:
        assert master.set_work_spec({"name": "historic", "min_gb": 1}) is True
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"coordinate": block}))
    with pytest.raises(SystemExit) as end:
        main(["-c", str(tmp_path / "config.yaml"), "work_specs"])
    assert end.value.code == 0
    assert "historic" in capsys.readouterr().out.split()


def test_who_is_not_to_be_trusted_is_found_out_at_once(secret):
    daemon, _ = secret
    with pytest.raises(ssl.SSLCertVerificationError):
        Coordinate(daemon.address, token=TOKEN, tls=True).client.call("now")


def test_a_token_goes_to_other_machines_if_it_is_encrypted(secret):
    _, authority = secret
    Coordinate("10.1.2.3:5932", token="secret", tls=authority)
    for client in (Coordinate, aio.Client):
        with pytest.raises(ValueError, match="unencrypted"):
            client("10.1.2.3:5932", token="secret")
    with pytest.raises(ValueError, match="not certificate"):
        aio.Client("10.1.2.3:5932", tls={"certificate": "x"})
