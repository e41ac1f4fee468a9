"""Moving in and out: files of the real commands, logged in with, rehashed, exported, imported."""

import json
import os
import pty
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.marks import only_root_looks_inside
from support.process import unprivileged
from support.site import PASSWORD

# Today's cost as it is installed: some imported hashes take more than one slot of it.
REAL_COST = {"hashing_memory": "19 MiB", "hashing_passes": "1", "hashing_slots": "4", "hashing_wait": "30 s",
             "threads": "16"}
TODAY = "$argon2id$v=19$m=19456,t=1,p=1$"


def made_by(*argv, stdin=None):
    done = subprocess.run(argv, input=stdin, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def htpasswd(*options):
    return made_by("htpasswd", "-nb", *options, "name", PASSWORD).split(":", 1)[1]


def mkpasswd(method):
    return made_by("mkpasswd", "--stdin", "-m", method, stdin=PASSWORD + "\n")


def argon2(*options):
    return made_by("argon2", "saltsaltsalt", "-e", *options, stdin=PASSWORD)


def methods_of_mkpasswd():
    listed = subprocess.run(["mkpasswd", "-m", "help"], capture_output=True, text=True).stdout
    return [line.split()[0] for line in listed.splitlines()[1:] if line.strip()]


TOO_WEAK = {"bsdicrypt", "descrypt", "nt"}
MKPASSWD = {"mkpasswd-" + method: mkpasswd(method) for method in methods_of_mkpasswd()}
TAKEN = {
    "htpasswd-bcrypt": htpasswd("-B"), "htpasswd-apr1": htpasswd("-m"), "htpasswd-sha": htpasswd("-s"),
    "htpasswd-sha256": htpasswd("-2"), "htpasswd-sha512": htpasswd("-5"),
    "argon2i": argon2("-i"), "argon2d": argon2("-d"), "argon2id": argon2("-id"), "argon2-v10": argon2("-v", "10"),
    "argon2-parameters": argon2("-id", "-m", "15", "-t", "1", "-p", "3", "-l", "24"),
    **{name: text for name, text in MKPASSWD.items() if name.removeprefix("mkpasswd-") not in TOO_WEAK},
}
REFUSED = {"htpasswd-des": htpasswd("-d"), "htpasswd-plain": htpasswd("-p"),
           **{name: text for name, text in MKPASSWD.items() if name.removeprefix("mkpasswd-") in TOO_WEAK}}
ALL = {**TAKEN, **REFUSED}
LINES = "".join(f"{name}:{text}\n" for name, text in ALL.items())


def import_into(site, text, *options, status=0):
    done = site.command("user", "import", "-", *options, stdin=text)
    assert done.returncode == status, done
    assert not any(made in done.stdout + done.stderr for made in ALL.values()), "a hash was shown"
    return done.stdout


def exported(site):
    return {user["name"]: user for user in map(json.loads, site.run("user", "export").splitlines())}


def login(site, name, password=PASSWORD):
    return site.browser().login(name, password).status


@pytest.mark.shows("A06")
def test_what_the_real_commands_make_moves_in_and_on(new_site):
    assert len(TAKEN) > 15 and len(REFUSED) > 3
    site = new_site(**REAL_COST)
    told = import_into(site, LINES, "--groups", "old", status=1)
    assert f"{len(TAKEN)} added; {len(REFUSED)} not taken." in told, told
    for name in REFUSED:
        assert f"{name} not taken: " in told
    assert told.count("too weak") == len(REFUSED) - 1 and "in clear" not in told
    before = exported(site)
    assert {name: user["hash"] for name, user in before.items()} == TAKEN
    assert all(user["groups"] == ["old"] and not user["disabled"] for user in before.values())

    site.start()
    for name in TAKEN:
        assert login(site, name, PASSWORD[:-1]) == 401, name
        assert login(site, name) == 200, name
    for name in list(TAKEN)[::4]:
        assert login(site, name, PASSWORD[:-1]) == 401 and login(site, name) == 200, name
    assert not any(made in site.log_text() for made in ALL.values()), "a hash is in the log"
    site.stop()
    after = exported(site)
    assert all(user["hash"].startswith(TODAY) for user in after.values()), after
    assert {name: user["id"] for name, user in after.items()} == {name: user["id"] for name, user in before.items()}
    assert len(site.run("log", "--kind", "user_added", "--json").splitlines()) == len(TAKEN)

    other = new_site(**REAL_COST)
    file = other.path("moved.json")
    with open(file, "w", encoding="utf-8") as lines:
        lines.write(site.run("user", "export"))
    told = other.run("user", "import", file)
    assert f"{len(TAKEN)} added; 0 not taken." in told
    assert exported(other) == after
    assert f"0 added; {len(TAKEN)} there already" in other.run("user", "import", file)
    assert f"{len(TAKEN)} there already, the same" in other.run("user", "import", "--replace", file)
    other.start()
    for name in list(TAKEN)[::5]:
        assert login(other, name, PASSWORD[:-1]) == 401 and login(other, name) == 200, name
    other.stop()
    other.run("check")


@pytest.mark.plain
def test_a_file_as_people_have_it(new_site):
    """With CR LF, a byte-order mark, comments, locked accounts and mistakes; all are reported."""
    site = new_site()
    text = "\ufeff# staff\r\nAda:{0}\r\n\r\nada:{0}\r\nroot:*:19000:0:99999:7:::\r\nbob:!{0}:19000:0:99999:7:::\r\n" \
           "cyd:x\r\n{1}\r\n{{\"name\":\"eve\",\"groups\":[\"x\"]}}".format(TAKEN["htpasswd-apr1"], "z" * 20000)
    states = [json.loads(line) for line in import_into(site, text, "--json", status=1).splitlines()]
    assert [(line["line"], line.get("name"), line["state"]) for line in states] == [
        (2, "Ada", "added"), (4, "ada", "refused"), (5, "root", "left_out"), (6, "bob", "added"),
        (7, "cyd", "refused"), (8, None, "refused"), (9, "eve", "added")], states
    assert "line 2" in states[1]["why"] and states[3]["disabled"] and all(line["mend"] for line in states[4:5])
    users = exported(site)
    assert set(users) == {"ada", "bob", "eve"} and users["bob"]["disabled"] and "hash" not in users["eve"]
    site.start()
    assert login(site, "ada") == 200 and login(site, "bob") == 401 and login(site, "eve", "") == 400
    site.run("user", "enable", "bob")
    assert login(site, "bob") == 200
    # The file again: first it is reported what would happen, and then it is done; a changed
    # password ends the sessions.
    told = import_into(site, f"ada:{TAKEN['htpasswd-sha']}\n", "--replace", "--dry-run")
    assert "ada would be replaced" in told and "Nothing was changed." in told
    assert len(site.json("session", "list", "--user", "ada")["sessions"]) == 1
    import_into(site, f"ada:{TAKEN['htpasswd-sha']}\n", "--replace")
    assert site.json("session", "list", "--user", "ada")["sessions"] == [] and login(site, "ada") == 200
    # An id twice: the report without doing anything matches what is then done.
    twice = "".join('{"name":"%s","id":"oAozKxCf4E4vr9bCegXntA"}\n' % name for name in ("fay", "gus"))
    for options in ["--dry-run"], []:
        told = import_into(site, twice, *options, status=1)
        assert "line 1: fay" in told and "line 2: gus" in told and "line 1 has the same id" in told, told
    assert "gus" not in exported(site)
    site.stop()


@pytest.mark.plain
def test_an_export_is_its_makers_alone_and_htpasswd_can_be_had(new_site):
    site = new_site(**REAL_COST)
    import_into(site, LINES, status=1)
    file = site.path("state", "all.json")
    assert f"{len(TAKEN)} users were written to {file}." in site.run("user", "export", file)
    assert os.stat(file).st_mode & 0o777 == 0o600
    done = site.command("user", "export", file)
    assert done.returncode == 1 and "File exists" in done.stderr
    done = site.command("user", "export", "--format", "htpasswd")
    assert done.returncode == 1 and "left out: 5" in done.stderr, done.stderr
    rows = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert rows == {name: text for name, text in TAKEN.items() if not text.startswith("$argon2")}
    # The real command accepts it.
    plain = site.path("htpasswd")
    with open(plain, "w", encoding="utf-8") as lines:
        lines.write(done.stdout)
    for name in "htpasswd-bcrypt", "htpasswd-apr1", "htpasswd-sha":
        assert subprocess.run(["htpasswd", "-vb", plain, name, PASSWORD], capture_output=True).returncode == 0, name
    # A disk that is full in the middle: no half of the import is left, though others found no room
    # either.
    file = site.path("state", "half")
    done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$@"', "sh", site.path("bin", "pintle"),
                           "--config", site.path("pintle.conf"), "user", "export", file, "--format", "htpasswd"],
                          capture_output=True, text=True, **unprivileged())
    assert done.returncode == 1 and "cannot write the users" in done.stderr and done.stdout == "", done
    assert not os.path.exists(file)
    done = subprocess.run([site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "user", "export"],
                          stdout=open("/dev/full", "wb"), stderr=subprocess.PIPE, text=True, **unprivileged())
    assert done.returncode == 1 and "cannot write the users" in done.stderr


@pytest.mark.plain
def test_a_kill_in_the_middle_leaves_whole_lines_and_saying_it_again_goes_on(new_site):
    site = new_site()
    count, apr1 = 6000, TAKEN["htpasswd-apr1"]
    file = site.path("many")
    with open(file, "w", encoding="utf-8") as lines:
        lines.writelines(f"user{number}:{apr1}\n" for number in range(count))
    argv = [site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "user", "import", file]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, **unprivileged()) as child:
        told = [child.stdout.readline() for _ in range(600)]
        child.send_signal(signal.SIGKILL)
        told += child.stdout.read().splitlines()[:-1]
    users = exported(site)
    assert 600 <= len(users) < count, len(users)
    assert all(line.split()[2] in users for line in told)
    assert all(user["hash"] == apr1 for user in users.values())
    site.run("check")
    again = site.run("user", "import", file)
    assert f"{count - len(users)} added; {len(users)} there already" in again
    assert len(exported(site)) == count


@pytest.mark.plain
def test_progress_is_shown_on_a_terminal(new_site):
    site = new_site()
    screen, terminal = pty.openpty()
    lines = "".join(f"user{number}:{TAKEN['htpasswd-sha']}\n" for number in range(600))
    done = subprocess.run([site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "user", "import", "-"],
                          input=lines.encode(), stdout=subprocess.PIPE, stderr=terminal, **unprivileged())
    os.close(terminal)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    assert done.returncode == 0 and b"600 added; 0 not taken." in done.stdout
    assert "256 lines: 256 added, 0 not taken" in shown and "512 lines: 512 added" in shown, shown


def peak_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


@only_root_looks_inside
@pytest.mark.plain
def test_large_hashes_together_stay_under_the_ceiling(new_site):
    """Simultaneous logins with hashes of 64 MiB, 16 MiB and almost none, in 4 slots of 19 MiB."""
    site = new_site(**REAL_COST)
    names = ["mkpasswd-scrypt", "mkpasswd-yescrypt", "htpasswd-sha"]
    import_into(site, "".join(f"{name}{i}:{TAKEN[name]}\n" for name in names for i in range(3)))
    site.start()
    (worker,) = site.worker_pids()
    idle = peak_kib(worker)
    with ThreadPoolExecutor(9) as pool:
        statuses = list(pool.map(lambda i: login(site, f"{names[i % 3]}{i // 3}"), range(9)))
    assert statuses == [200] * 9
    assert peak_kib(worker) - idle < 4 * 19 * 1024 + 12 * 1024, (idle, peak_kib(worker))
    site.stop()


def test_a_hash_over_the_ceiling_is_refused_and_lets_nobody_in(new_site):
    site = new_site(**REAL_COST)
    scrypt = f"ada:{TAKEN['mkpasswd-scrypt']}\n"
    import_into(site, scrypt)
    site.settings["hashing_slots"] = "3"
    site.write_config()
    told = import_into(site, scrypt.replace("ada", "bob"), status=1)
    assert "needs 65 MiB, but all 3 hashing slots together have 57" in told and "raise hashing_slots" in told
    done = site.command("check")
    assert done.returncode == 1 and "needs more memory than all hashing slots have: ada" in done.stdout, done.stdout
    site.start()
    assert login(site, "ada") == 401 and login(site, "nobody.here") == 401
    site.wait_for_log('"event":"hash_over_ceiling"')
    site.stop()
    site.settings["hashing_slots"] = "4"
    site.write_config()
    site.start()
    assert login(site, "ada") == 200
    site.stop()
