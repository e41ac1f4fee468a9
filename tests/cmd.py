"""The command `pintle`, as a person and as a script use it. Writes TAP."""
import base64
import grp
import json
import os
import pty
import pwd
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta

BUILD = os.path.abspath(sys.argv[1])
PASSWORD = 'correct horse battery staple'
FAILED, USAGE, CONFIG, KEYS, STORE = 1, 2, 3, 4, 5


class Site:
    """A site of its own: configuration, state, and ways to run the two programs."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder + '/pintle.conf'
        self.state = folder + '/state'
        self.env = dict(os.environ, PINTLE_CONFIG=self.config, TZ='Pacific/Auckland')

    def run(self, *words, stdin=''):
        done = subprocess.run([BUILD + '/pintle', *words], input=stdin, capture_output=True, text=True,
                              env=self.env, timeout=60)
        assert 'Sanitizer' not in done.stderr, done.stderr
        return done

    def good(self, *words, stdin=''):
        done = self.run(*words, stdin=stdin)
        assert done.returncode == 0, (words, done.returncode, done.stderr)
        return done.stdout

    def json(self, *words):
        return json.loads(self.good(*words, '--json'))

    def bad(self, status, *words, stdin='', says=''):
        done = self.run(*words, stdin=stdin)
        assert done.returncode == status, (words, done.returncode, done.stderr)
        assert says in done.stderr, (words, done.stderr)
        return done

    def events(self, *words):
        return [json.loads(line) for line in self.good('log', '--json', *words).splitlines()]

    def cgi(self, method, path, body='', type='application/json', **headers):
        """One request to pintle.fcgi as a CGI program: status, headers, body."""
        env = dict(self.env, GATEWAY_INTERFACE='CGI/1.1', REQUEST_METHOD=method, SCRIPT_NAME='', PATH_INFO=path,
                   SERVER_PROTOCOL='HTTP/1.1', REMOTE_ADDR='192.0.2.7', CONTENT_LENGTH=str(len(body)),
                   CONTENT_TYPE=type, HTTP_USER_AGENT='Check/1.0 \N{SNOWMAN}', **headers)
        done = subprocess.run([BUILD + '/pintle.fcgi'], input=body.encode(), capture_output=True,
                              env=env, timeout=60)
        head, _, rest = done.stdout.decode().partition('\r\n\r\n')
        status = re.search(r'^Status: (\d+)', head, re.M)
        assert status, (done.stdout, done.stderr)
        self.logged = [json.loads(line) for line in done.stderr.decode().splitlines()]
        return int(status.group(1)), head, rest

    def login(self, name, password=PASSWORD, **members):
        status, _, rest = self.cgi('POST', '/auth/login', json.dumps(dict(username=name, password=password, **members)))
        return status, json.loads(rest)


def set_in(path, name, value):
    """Sets one setting in a configuration that `pintle init` wrote."""
    with open(path) as file:
        text = file.read()
    text, count = re.subn(rf'^#?{name} = .*$', f'{name} = {value}', text, count=1, flags=re.M)
    assert count == 1, name
    with open(path, 'w') as file:
        file.write(text)


def at_terminal(site, words, *answers):
    """Runs a command at its own terminal and types the answers; returns exit status and output."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(BUILD + '/pintle', ['pintle', *words], site.env)
    shown = b''
    for question, answer in answers:
        while question not in shown:
            shown += os.read(fd, 1024)
        os.write(fd, answer)
    try:
        while True:
            chunk = os.read(fd, 1024)
            if not chunk:
                break
            shown += chunk
    except OSError:  # the terminal is gone with its last process
        pass
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def init_makes_a_site(site):
    site.bad(CONFIG, 'user', 'list', says='there is no such file; pintle init --issuer URL creates one')
    site.bad(USAGE, 'init', '--issuer', 'https://Example.org/auth', says='has capitals in its host')
    assert not os.path.exists(site.config)
    site.bad(USAGE, 'init', '--issuer', 'http://localhost:8080/auth', '--state-folder', 'state', says='not an absolute path')
    # Nothing is written until everything can be; parent folders are made.
    site.bad(FAILED, 'init', '--issuer', 'http://localhost:8080/auth', '--state-folder', '/proc/nothing/b',
             says='the state folder: /proc/nothing: ')
    assert not os.path.exists(site.config)
    site.bad(USAGE, 'init', '--issuer', 'http://localhost:8080/auth', '--web-user', 'nobody-s', says='there is no user')
    nothing_is_written_before_everything_can_be(site)
    what_the_package_made_is_enough_for_init(site)
    # Run by a root with an umask of its own: the worker can read it, and enter the folders above
    # it.
    before = os.umask(0o077)
    site.good('init', '--issuer', 'http://localhost:8080/auth', '--state-folder', site.folder + '/a/b')
    os.umask(before)
    assert os.path.exists(site.folder + '/a/b/keys/master.key')
    assert [os.stat(site.folder + path).st_mode & 0o777 for path in ('/pintle.conf', '/a', '/a/b')] == [0o644, 0o755, 0o700]
    if os.geteuid() == 0:
        assert f'\nsocket_group = {grp.getgrgid(pwd.getpwnam("www-data").pw_gid).gr_name}\n' in open(site.config).read()
    set_in(site.config, 'state_folder', site.state)
    set_in(site.config, 'hashing_memory', '64 KiB')
    set_in(site.config, 'socket', site.folder + '/pintle.sock')
    site.bad(STORE, 'user', 'list', says='pintle init makes it')
    site.good('init')
    for folder, _, files in os.walk(site.state):
        assert os.stat(folder).st_mode & 0o777 == 0o700, folder
        for file in files:
            assert os.stat(f'{folder}/{file}').st_mode & 0o777 == 0o600, file
    assert '(kept)' in site.good('init')


def nothing_is_written_before_everything_can_be(site):
    """Makes neither the configuration nor a folder, if either cannot be made."""
    issuer = ('init', '--issuer', 'http://localhost:8080/auth')
    with open(site.folder + '/file', 'w') as file:
        file.write('in the way')
    site.bad(FAILED, *issuer, '--state-folder', site.folder + '/file/b', says='file: Not a directory; nothing was written')
    site.bad(FAILED, '--config', site.folder + '/file/c', *issuer, '--state-folder', site.folder + '/a/b',
             says='the configuration: ' + site.folder + '/file: Not a directory; nothing was written')
    if os.geteuid() == 0:
        site.bad(USAGE, *issuer, '--owner', 'nobody-s', '--state-folder', site.folder + '/a/b',
                 says='--owner: there is no user nobody-s')
        as_another = subprocess.run(
            ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', BUILD + '/pintle', *issuer, '--state-folder',
             site.folder + '/a/b'], env=site.env, capture_output=True, text=True, timeout=60)
        assert as_another.returncode == FAILED and 'nothing was written' in as_another.stderr, as_another.stderr
        no_file_may_stand_for_the_sockets_folder(site, issuer)
    os.remove(site.folder + '/file')
    assert os.listdir(site.folder) == [], os.listdir(site.folder)


def no_file_may_stand_for_the_sockets_folder(site, issuer):
    """Nor may others write to the folder above it. Tried in a /run of its own, if root may mount here."""
    own = ['unshare', '--mount', 'sh', '-ec']
    if subprocess.run([*own, 'mount -t tmpfs none /run'], capture_output=True, timeout=60).returncode != 0:
        return
    for ground, says in (': >/run/pintle', '/run/pintle: Not a directory'), ('chmod 0777 /run', '/run: Operation not permitted'):
        done = subprocess.run(
            [*own, f'mount -t tmpfs -o mode=0755 none /run; {ground}; exec "$@"', 'sh', BUILD + '/pintle', *issuer, '--owner', 'nobody',
             '--state-folder', site.folder + '/a/b'], env=site.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == FAILED, (done.stdout, done.stderr)
        assert f"the socket's folder: {says}; nothing was written" in done.stderr, done.stderr


def what_the_package_made_is_enough_for_init(site):
    """Run by the worker's user, who owns the state folder, while root owns the folder above it."""
    if os.geteuid() != 0:
        return
    own, state = site.folder + '/own', site.folder + '/own-state'
    for path in (own, state):
        os.mkdir(path, 0o700)
        os.chown(path, 12345, 12345)
    os.chmod(site.folder, 0o711)
    done = subprocess.run(
        ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', BUILD + '/pintle', '--config', own + '/pintle.conf', 'init',
         '--issuer', 'https://www.example.org/auth', '--state-folder', state], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    os.chmod(site.folder, 0o700)
    shutil.rmtree(own)
    shutil.rmtree(state)


def what_is_there_is_kept_by_init(site):
    with open(site.state + '/keys/master.key', 'rb') as file:
        before = file.read()
    done = site.run('init', '--issuer', 'https://other.example.org/auth')
    assert done.returncode == 0 and 'was kept' in done.stderr
    with open(site.state + '/keys/master.key', 'rb') as file:
        assert file.read() == before
    assert 'other.example.org' not in open(site.config).read()


def check_is_content_with_what_init_made(site):
    out = site.good('check')
    assert 'Nothing is wrong.' in out and 'pintle user add NAME' in out, out
    assert re.search(r'^hint +socket +\S+/pintle\.sock: No such file', out, re.M), out


def check_says_when_the_server_cannot_reach_the_socket(site):
    """By the users of running web servers, else the usual ones; in a namespace without a server."""
    alone = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c']
    if subprocess.run(alone + ['true'], capture_output=True).returncode:
        return
    path = site.folder + '/pintle.sock'
    os.chmod(site.folder, 0o711)
    shutil.copy('/bin/sleep', site.folder + '/nginx')

    def checked(before='true'):
        done = subprocess.run(alone + [f'{before}; {BUILD}/pintle check'], env=site.env, capture_output=True, text=True, timeout=60)
        return re.search(r'^(\S+ +socket .*(?:\n {2,}.*)?)', done.stdout, re.M).group(1), done

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        os.chmod(path, 0o660)
        said, done = checked()
        assert said.startswith('hint') and 'www-data, whom web servers usually run as, cannot connect' in said, done.stdout
        assert '(root:root, mode 0660)' in said and 'socket_group = www-data' in done.stdout, done.stdout
        os.chown(path, 0, grp.getgrnam('www-data').gr_gid)
        assert checked()[0].startswith('ok'), checked()[0]
        other = f'setpriv --reuid 12345 --regid 23456 --clear-groups {site.folder}/nginx 60 & sleep 0.2'
        said, done = checked(other)
        assert said.startswith('hint') and 'user 12345, whom a web server here runs as' in said, done.stdout
        os.chown(path, 0, 23456)
        assert checked(other)[0].startswith('ok'), checked(other)[0]
    os.remove(path)
    os.remove(site.folder + '/nginx')
    os.chmod(site.folder, 0o700)


def a_place_that_nobody_could_stay_in_is_not_printed(site):
    with open(site.config) as file:
        before = file.read()
    def write(text):
        with open(site.config, 'w') as file:
            file.write(before + text)
    write('[guard /app/]\nproxy = unix:/run/app.sock\n')
    site.good('config', 'nginx')
    assert 'gate_cookie' not in site.good('check')
    set_in(site.config, 'gate_cookie', 'no')
    says = 'gate_cookie = no: people who sign in at [guard /app/] are asked to sign in again and again'
    site.bad(CONFIG, 'config', 'nginx', says=says)
    out = site.bad(CONFIG, 'check').stdout
    assert says in out and 'credentials = bearer' in out, out
    write('[cookies]\ngate_cookie = no\n[guard /app/]\ncredentials = bearer\npreflight = pass\n')
    site.good('config', 'nginx')
    assert re.search('^hint +places +.*preflight = pass', site.good('check'), re.M)
    write('')


def check_tells_of_ports_and_of_addresses_that_cannot_be_read(site):
    with open(site.config) as file:
        before = file.read()
    issuer = re.search('^issuer = (.*)$', before, re.M).group(1)
    with open(site.config, 'w') as file:
        file.write(before.replace(issuer, 'https://localhost:8443/auth'))
    assert 'cookie_suffix = 8443 keeps their cookies apart' in site.good('check')
    set_in(site.config, 'cookie_suffix', '8443')
    assert 'cookie_suffix' not in site.good('check')
    set_in(site.config, 'proxies', '192.0.2.7')
    site.cgi('GET', '/auth/health', HTTP_X_FORWARDED_FOR='203.0.113.9:4711')
    assert not [line for line in site.logged if line['event'] == 'address_unread']
    assert 'named no address' not in site.good('check')
    site.cgi('GET', '/auth/health', HTTP_X_FORWARDED_FOR='somebody')
    assert [line['x_forwarded_for'] for line in site.logged if line['event'] == 'address_unread'] == ['somebody']
    assert re.search('^hint +proxies +1 requests', site.good('check'), re.M)
    with open(site.config, 'w') as file:
        file.write(before)


def what_windows_puts_around_a_line_is_no_part_of_a_password(site):
    short = 'vx7-k3w9-qz'  # one character less than a password has
    for stdin in short + '\r\n', short + '\r', '\ufeff' + short + '\r\n':
        site.bad(FAILED, 'user', 'add', 'wendy', stdin=stdin, says='at least 12 characters')
    site.bad(FAILED, 'user', 'add', 'wendy', stdin='\r\n', says='has no password')


def users_are_added_by_standard_input(site):
    assert site.good('user', 'add', 'Alice', '--groups', 'staff,admins', stdin=PASSWORD + '\n') == 'alice was added.\n'
    site.good('user', 'add', 'bob', '--password-stdin', stdin=PASSWORD)
    site.good('user', 'add', 'carol', '--no-password')
    site.bad(FAILED, 'user', 'add', 'ALICE', stdin=PASSWORD, says='there is a user alice already')
    users = site.json('user', 'list')['users']
    assert [u['name'] for u in users] == ['alice', 'bob', 'carol']
    assert users[0]['groups'] == ['staff', 'admins'] and users[2]['has_password'] is False
    assert 'hash' not in json.dumps(users)
    table = site.good('user', 'list').splitlines()
    assert table[0].split()[:2] == ['NAME', 'STATE'] and table[3].split()[:3] == ['carol', 'no', 'password']


def passwords_are_held_to_the_policy(site):
    site.bad(FAILED, 'user', 'add', 'dave', stdin='short\n', says='a password has at least 12 characters')
    site.bad(FAILED, 'user', 'add', 'dave', stdin='', says='standard input has no password')
    site.bad(FAILED, 'user', 'add', 'dave.longname', stdin='dave.longname1\n', says='Too close to your user name')
    site.bad(FAILED, 'user', 'add', 'dave', stdin='x' * 2000 + '\n', says='too long')
    site.bad(FAILED, 'user', 'add', 'dave', stdin='Password2024!\n', says='password is too common')
    site.bad(FAILED, 'user', 'add', 'dave', stdin='pintle-localhost-1\n', says='Too close to your user name')
    site.bad(USAGE, 'user', 'add', 'no spaces', stdin=PASSWORD, says='a user name has')
    site.bad(USAGE, 'user', 'add', 'dave', '--groups', 'Staff', stdin=PASSWORD, says='groups are names')
    site.bad(USAGE, 'user', 'groups', 'alice', 'staff,staff', says='each once')
    site.bad(USAGE, 'user', 'invite', 'dave', '--groups', 'Staff', says='groups are names')
    site.bad(USAGE, 'user', 'invite', 'no spaces', says='a user name has')
    site.bad(USAGE, 'user', 'import', '-', '--groups', 'Staff', stdin='dave\n', says='groups are names')
    assert len(site.json('user', 'list')['users']) == 3


def the_list_of_bad_passwords_is_a_file_of_the_site(site):
    path = site.folder + '/bad.txt'
    with open(path, 'w', newline='') as bad:
        bad.write('zebra crossings\r\nA Password Of Ours\nthe last line has no end')
    set_in(site.config, 'password_list', path)
    for word in 'Zebra Crossings', 'a password of ours', 'The Last Line Has No End':
        site.bad(FAILED, 'user', 'passwd', 'alice', stdin=word + '\n', says='password is too common')
    assert f'password_list {path}: 3 words' in site.good('check')
    with open(path, 'wb') as bad:
        bad.write('short\nein ganz langes Übel\n'.encode() + b'\xff\xfez\x00e\x00b\x00r\x00a\x00\n' + b'x' * 20000)
    out = site.good('check')
    assert 'refuses nothing: no word in it has the 12 characters' in out, out
    assert 'words that no password matches: 3 are not UTF-8' in out, out
    open(path, 'w').close()
    out = site.bad(CONFIG, 'check').stdout
    assert 'contains no word' in out and 'password_list = builtin' in out, out
    os.remove(path)
    assert f'password_list {path}: No such file' in site.bad(CONFIG, 'check').stdout
    os.mkfifo(path)
    assert 'it is not a regular file' in site.bad(CONFIG, 'check').stdout
    os.remove(path)
    site.bad(FAILED, 'user', 'passwd', 'alice', stdin=PASSWORD + '\n', says='cannot read the password_list')
    set_in(site.config, 'password_list', 'none')
    site.good('user', 'passwd', 'alice', stdin='Password2024!\n')
    set_in(site.config, 'password_list', 'builtin')
    site.good('user', 'passwd', 'alice', stdin=PASSWORD + '\n')


def a_password_is_never_an_argument(site):
    done = site.bad(USAGE, 'user', 'add', 'dave', 'hunter2hunter2', says='a password is asked for')
    assert 'hunter2' not in done.stderr


def the_command_line_is_answered_helpfully(site):
    site.bad(USAGE, says='no command is given')
    site.bad(USAGE, 'usr', says='did you mean "user"?')
    site.bad(USAGE, 'user', 'lst', says='did you mean "list"?')
    site.bad(USAGE, 'user', says='one of add, invite, reset, list, show')
    site.bad(USAGE, 'user', 'list', '--jsn', says='did you mean "--json"?')
    site.bad(USAGE, 'gc', '--json', says='gc has no option --json')
    site.bad(USAGE, 'user', 'list', '--json', '--json', says='--json is given twice')
    site.bad(USAGE, 'user', 'list', '--json=1', says='--json takes no value')
    site.bad(USAGE, 'log', '--since', says='--since needs its WHEN')
    site.bad(USAGE, 'user', 'show', says='user show needs its NAME')
    site.bad(FAILED, 'user', 'show', 'nobody.here', says='there is no user with that name')
    assert 'usage: pintle user add NAME' in site.good('user', 'add', '--help')
    assert 'session why ID' in site.good('--help')
    assert re.match(r'pintle \d', site.good('--version'))
    assert site.good('--config=' + site.config, 'user', 'list') == site.good('user', 'list', '--config', site.config)


def a_password_is_typed_unseen_and_twice(site):
    typed = PASSWORD.encode() + b'\r'
    status, shown = at_terminal(site, ['user', 'add', 'erin'], (b'New password: ', typed), (b'The same again: ', typed))
    assert status == 0 and 'erin was added.' in shown and 'horse' not in shown, shown
    status, shown = at_terminal(site, ['user', 'passwd', 'erin'], (b'New password: ', typed),
                                (b'The same again: ', b'something else\r'))
    assert status == FAILED and 'the two differ' in shown and 'horse' not in shown, shown
    status, shown = at_terminal(site, ['user', 'passwd', 'erin'], (b'New password: ', b'corr\x03'))
    assert status == FAILED and 'nothing was changed' in shown, shown
    assert site.login('erin')[0] == 200


def deleting_asks_at_a_terminal(site):
    status, shown = at_terminal(site, ['user', 'delete', 'erin'], (b'[y/N] ', b'n\r'))
    assert status == FAILED and 'nothing was changed' in shown, shown
    status, shown = at_terminal(site, ['user', 'delete', 'erin'], (b'[y/N] ', b'yes\r'))
    assert status == 0, shown
    site.bad(FAILED, 'user', 'show', 'erin')
    assert [e['event'] for e in site.events('--user', 'erin')][-1] == 'user_deleted'


def a_second_factor_is_shown_to_eyes_or_to_who_asks(site):
    site.good('user', 'add', 'frida', stdin=PASSWORD + '\n')
    site.bad(USAGE, 'user', 'otp', 'frida', says='standard output is not a terminal')
    site.bad(USAGE, 'user', 'otp', 'frida', '--remove', '--recovery', says='two different things')
    site.bad(FAILED, 'user', 'otp', 'nobody', '--json', says='there is no user')
    site.bad(FAILED, 'user', 'otp', 'frida', '--remove', says='has no second factor')
    site.bad(FAILED, 'user', 'otp', 'frida', '--recovery', '--json', says='has no second factor')
    assert 'second factor off' in site.good('user', 'show', 'frida')
    status, shown = at_terminal(site, ['user', 'otp', 'frida'])
    assert status == 0 and '\u2588' in shown and '\033[30;107m' in shown, shown
    assert len(re.findall(r'\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b', shown)) == 10, shown
    assert re.search(r'this key: [A-Z2-7]{32}\r', shown), shown
    status, shown = at_terminal(site, ['user', 'otp', 'frida'], (b'[y/N] ', b'n\r'))
    assert status == FAILED and 'nothing was changed' in shown, shown
    made = site.json('user', 'otp', 'frida')
    assert made['otpauth'] == f"otpauth://totp/localhost%3A8080:frida?secret={made['secret']}&issuer=localhost%3A8080"
    assert len(set(made['recovery_codes'])) == 10
    status, answer = site.login('frida')
    assert (status, answer['error']) == (401, 'otp_required'), answer
    assert site.login('frida', otp=made['recovery_codes'][0])[0] == 200
    assert site.login('frida', otp=made['recovery_codes'][0])[0] == 401
    shown = site.json('user', 'show', 'frida')
    assert shown['otp'] is True and shown['recovery_codes_left'] == 9 and shown['otp_enrolled_at'], shown
    assert 'recovery codes left: 9' in site.good('user', 'show', 'frida')
    fresh = site.json('user', 'otp', 'frida', '--recovery')
    assert 'secret' not in fresh and site.login('frida', otp=made['recovery_codes'][1])[0] == 401
    assert site.login('frida', otp=fresh['recovery_codes'][1])[0] == 200
    assert 'no longer has a second factor' in site.good('user', 'otp', 'frida', '--remove')
    assert site.login('frida')[0] == 200
    kinds = [event['event'] for event in site.events('--user', 'frida')]
    assert [kinds.count(kind) for kind in ('otp_enabled', 'otp_disabled', 'recovery_codes_made', 'recovery_code_used',
                                           'otp_asked')] == [2, 1, 1, 2, 1], kinds
    everything = json.dumps(site.events()) + site.good('log')
    assert made['secret'] not in everything and made['recovery_codes'][0] not in everything
    site.good('user', 'delete', 'frida', '--yes')


def names_of_all_scripts_are_a_setting(site):
    site.bad(USAGE, 'user', 'add', 'Zoë', stdin=PASSWORD, says='a user name has 1 to 128 letters')
    set_in(site.config, 'usernames', 'unicode')
    site.bad(USAGE, 'user', 'add', 'Zoë and me', stdin=PASSWORD, says='letters and digits of any script')
    assert 'zoë was added.' in site.good('user', 'add', 'ZOE\u0308', stdin=PASSWORD)
    site.bad(FAILED, 'user', 'add', '\uff3aoë', stdin=PASSWORD, says='there is a user zoë already')
    assert site.login('ZOË')[1]['user']['name'] == 'zoë'
    assert site.json('user', 'show', 'Zoe\u0308')['name'] == 'zoë'
    assert {e['user'] for e in site.events('--user', 'ZOË', '--kind', 'login')} == {'zoë'}
    site.good('check')
    set_in(site.config, 'usernames', 'ascii')
    assert 'with usernames = ascii, 1 of the names can no longer log in: zoë' in site.bad(FAILED, 'check').stdout
    assert site.login('zoë')[0] == 401
    set_in(site.config, 'usernames', 'unicode')
    site.good('user', 'delete', 'zoë', '--yes')
    set_in(site.config, 'usernames', 'ascii')
    site.good('check')


def sessions_are_listed_and_explained(site):
    status, answer = site.login('alice', device='Kitchen', remember=True)
    assert status == 200, answer
    sid = answer['session']['id']
    (session,) = site.json('session', 'list', '--user', 'alice')['sessions']
    assert session['id'] == sid and session['live'] and session['device'] == 'Kitchen' and session['user'] == 'alice'
    assert session['ip'] == '192.0.2.7' and session['remember'] is True
    assert sid in site.good('session', 'list') and site.json('user', 'show', 'alice')['sessions'] == 1
    story = site.good('session', 'why', sid)
    assert 'asked to be remembered' in story and 'It is live.' in story and 'The device is called "Kitchen".' in story
    assert 'Check/1.0 \N{SNOWMAN}' in story and 'signed in' in story, story


def a_session_is_revoked_and_says_why(site):
    sid = site.json('session', 'list', '--user', 'alice')['sessions'][0]['id']
    site.good('session', 'revoke', sid)
    site.bad(FAILED, 'session', 'revoke', sid, says='no live session')
    assert site.json('session', 'list', '--user', 'alice') == {'sessions': []}
    (session,) = site.json('session', 'list', '--user', 'alice', '--ended')['sessions']
    assert session['reason'] == 'admin' and not session['live'] and session['ended_at']
    story = site.good('session', 'why', sid)
    assert re.search(r'It ended at \S+Z: admin\.', story) and 'An administrator' in story, story
    told = site.json('session', 'why', sid)
    assert told['reason'] == 'admin' and [e['event'] for e in told['events']] == ['login', 'session_ended'], told
    site.bad(FAILED, 'session', 'why', 'AAAAAAAAAAAAAAAAAAAAAA', says='nothing is known')
    site.bad(FAILED, 'session', 'why', '', says='nothing is known')


def many_sessions_are_revoked_at_once(site):
    for name in ('alice', 'alice', 'bob'):
        assert site.login(name)[0] == 200
    site.bad(USAGE, 'session', 'revoke', says='needs the ID of a session')
    site.bad(USAGE, 'session', 'revoke', '--all', '--user', 'bob', says='needs the ID of a session')
    assert site.good('session', 'revoke', '--user', 'alice') == '2 sessions were ended.\n'
    assert site.good('session', 'revoke', '--all') == '1 session was ended.\n'


def disabling_ends_sessions_for_good(site):
    assert site.login('bob')[0] == 200
    assert 'all sessions were ended' in site.good('user', 'disable', 'bob')
    assert site.json('session', 'list')['sessions'] == [] and site.login('bob')[0] == 401
    assert site.json('user', 'show', 'bob')['disabled'] is True
    site.good('user', 'enable', 'bob')
    assert site.json('session', 'list')['sessions'] == []
    assert site.login('bob')[0] == 200


def a_new_password_ends_sessions(site):
    site.good('user', 'passwd', 'bob', stdin='another good password\n')
    assert site.json('session', 'list')['sessions'] == []
    assert site.login('bob')[0] == 401 and site.login('bob', 'another good password')[0] == 200


def groups_are_set(site):
    site.good('user', 'groups', 'alice', 'staff')
    assert site.json('user', 'show', 'alice')['groups'] == ['staff']
    site.good('user', 'groups', 'alice', '')
    assert site.json('user', 'show', 'alice')['groups'] == []
    site.bad(USAGE, 'user', 'groups', 'alice', 'a,,b', says='groups are names')


def the_log_is_filtered(site):
    site.login('nobody.here')
    site.login('Nobody.Here')
    everything = site.events()
    assert [e['number'] for e in everything] == sorted(e['number'] for e in everything)
    assert {e['event'] for e in site.events('--kind', 'login_failed')} == {'login_failed'}
    assert {e['user'] for e in site.events('--user', 'ALICE')} == {'alice'}
    # A word that is no user's name (a password, perhaps) is logged as a tag, which the name finds.
    unknown = site.events('--user', 'NOBODY.here')
    tag = unknown[0]['user']
    assert re.fullmatch(r'\?[A-Z2-7]{8}', tag) and [e['user'] for e in unknown] == [tag], unknown
    assert unknown[0]['times'] == 2 and unknown[0]['last'] >= unknown[0]['time'], 'the same twice is one event'
    assert '2 times, the last at ' in site.good('log', '--user', tag)
    assert site.events('--user', tag) == site.events('--user', tag.lower()) == unknown
    assert site.events('--user', 'somebody.else') == []
    assert 'nobody' not in site.good('log').lower()
    for folder, _, files in os.walk(site.state + '/db'):
        for file in files:
            with open(f'{folder}/{file}', 'rb') as bytes_of_it:
                assert b'nobody' not in bytes_of_it.read().lower(), file
    os.rename(site.state + '/keys', site.state + '/away')
    site.bad(KEYS, 'log', '--user', 'nobody.here', says='cannot read the keys')
    assert site.events('--user', tag) == unknown
    os.rename(site.state + '/away', site.state + '/keys')
    assert {e['address'] for e in site.events('--address', '192.0.2.7')} == {'192.0.2.7'}
    assert site.events('--last', '2') == everything[-2:]
    assert site.events('--since', '1h') == everything and site.events('--since', '2100-01-01') == []
    assert len(site.good('log').splitlines()) == len(everything)
    site.bad(USAGE, 'log', '--kind', 'login_faild', says='did you mean "login_failed"?')
    site.bad(USAGE, 'log', '--since', 'yesterday', says='"yesterday" is not a time')
    site.bad(USAGE, 'log', '--last', '0', says='not a number of events')
    assert PASSWORD not in site.good('log')


def the_log_is_followed(site):
    follower = subprocess.Popen([BUILD + '/pintle', 'log', '--follow', '--json', '--last', '1'], env=site.env,
                                stdout=subprocess.PIPE, text=True)
    try:
        first = json.loads(follower.stdout.readline())
        site.login('nobody.elsewhere')
        second = json.loads(follower.stdout.readline())
    finally:
        follower.send_signal(signal.SIGTERM)
        follower.wait(10)
        follower.stdout.close()
    assert second['number'] == first['number'] + 1 and second['event'] == 'login_failed'


def the_log_says_that_there_is_no_tls(site):
    site.cgi('GET', '/auth/health')
    assert [line['issuer'] for line in site.logged if line['event'] == 'insecure_loopback'] == [
        'http://localhost:8080/auth'], site.logged


def services_ask_with_a_secret_that_is_shown_once(site):
    def ask(path, token, name, secret):
        basic = base64.b64encode(f'{name}:{secret}'.encode()).decode()
        return site.cgi('POST', path, 'token=' + token, type='application/x-www-form-urlencoded',
                        HTTP_AUTHORIZATION='Basic ' + basic)

    def introspect(token, name, secret):
        status, _, rest = ask('/auth/introspect', token, name, secret)
        return status, json.loads(rest)

    assert site.json('service', 'list') == {'services': []}
    shown = site.good('service', 'add', 'Billing')
    secret = shown.splitlines()[1]
    assert re.fullmatch(r'[A-Za-z0-9_-]{43}', secret) and 'not shown again' in shown, shown
    site.bad(FAILED, 'service', 'add', 'billing', says='there is a service billing already')
    site.bad(USAGE, 'service', 'add', 'no:colon', says="a service's name has")
    (service,) = site.json('service', 'list')['services']
    assert service['name'] == 'billing' and service['created_at'] == service['secret_set_at']
    assert secret not in site.good('service', 'list') + json.dumps(service)
    for folder, _, files in os.walk(site.state):
        for file in files:
            with open(f'{folder}/{file}', 'rb') as bytes_of_it:
                assert secret.encode() not in bytes_of_it.read(), file

    access, told = site.login('alice')[1]['access_token'], (200, {'active': False})
    assert introspect(access, 'billing', secret)[1]['username'] == 'alice'
    rotated = site.json('service', 'rotate', 'billing')
    assert rotated['name'] == 'billing' and rotated['secret'] != secret
    assert introspect(access, 'billing', secret)[0] == 401
    assert introspect(access, 'billing', rotated['secret'])[1]['active'] is True
    status, _, rest = ask('/auth/revoke', access, 'billing', rotated['secret'])
    assert status == 200 and rest == '' and introspect(access, 'billing', rotated['secret']) == told
    assert 'service billing' in site.good('log', '--kind', 'session_ended', '--last', '1')
    assert site.events('--last', '1')[0]['service'] == 'billing'

    status, shown = at_terminal(site, ['service', 'remove', 'billing'], (b'[y/N] ', b'n\r'))
    assert status == FAILED and 'nothing was changed' in shown, shown
    assert site.good('service', 'remove', 'billing', '--yes') == 'billing was removed.\n'
    assert introspect(access, 'billing', rotated['secret'])[0] == 401
    site.bad(FAILED, 'service', 'remove', 'billing', '--yes', says='there is no service billing')
    site.bad(FAILED, 'service', 'rotate', 'billing', says='there is no service billing')
    assert [e['event'] for e in site.events() if e['event'].startswith('service_')] == [
        'service_added', 'service_rotated', 'service_removed']


def keys_of(site, signs):
    return [key for key in site.json('key', 'list')['keys'] if key['signs'] == signs]


def keys_and_figures_are_shown(site):
    (key,) = keys_of(site, 'access tokens')
    assert key['alg'] == 'ES256' and key['use'] == 'signs' and key['kid'] in site.good('key', 'list')
    status, _, rest = site.cgi('GET', '/auth/jwks.json')
    assert status == 200 and [k['kid'] for k in json.loads(rest)['keys']] == [key['kid']]
    figures = site.json('stats')
    assert figures['users'] == 3 and figures['events'] == len(site.events())
    assert f'users           {figures["users"]}\n' in site.good('stats')
    assert figures['slots_used'] == 0 and figures['slots'] > 0 and figures['percent_used'] == 0
    # Each CGI run is a process of its own: they count together.
    counted = figures['counted']
    assert counted['requests']['2xx'] > 1 and counted['logins']['good'] > 1
    assert sum(counted['commit_sizes'].values()) == counted['commits']['done'] == counted['commit_sizes']['1']
    site.cgi('GET', '/auth/nothing')
    assert site.json('stats')['counted']['requests']['4xx'] == counted['requests']['4xx'] + 1
    assert re.search(r'\nCounted since 20\d\d-.*Z:\nlogins  .* good \d+  failed \d+', site.good('stats'))
    assert re.fullmatch(r'\d+ records? (was|were) due\.\n', site.good('gc'))


def keys_follow_one_another(site):
    (old,) = keys_of(site, 'access tokens')
    site.bad(USAGE, 'key', 'rotate', '--alg', 'HS256', says='ES256, EdDSA or RS256')
    (old_of_list,) = keys_of(site, 'status list')
    said = site.good('key', 'rotate', '--alg', 'EdDSA')
    assert 'is published now, and signs the access tokens from' in said and 'signs the status list from' in said
    assert [key['use'] for key in keys_of(site, 'status list')] == ['signs', 'waits']
    _, _, rest = site.cgi('GET', '/auth/status-jwks.json')
    assert [k['kid'] for k in json.loads(rest)['keys']] == [key['kid'] for key in keys_of(site, 'status list')]
    assert 'The key was revoked' in site.good('key', 'revoke', old_of_list['kid'])
    assert [key['use'] for key in keys_of(site, 'status list')] == ['signs']
    old, new = keys_of(site, 'access tokens')
    assert (old['use'], new['use'], new['alg']) == ('signs', 'waits', 'EdDSA')
    made, signs, retires = (datetime.fromisoformat(time) for time in (new['created_at'], new['signs_from'],
                                                                     old['retires_at']))
    assert (signs - made, retires - signs) == (timedelta(hours=2), timedelta(minutes=11)), (old, new)
    assert new['retires_at'] is None
    _, _, rest = site.cgi('GET', '/auth/jwks.json')
    assert [k['kid'] for k in json.loads(rest)['keys']] == [old['kid'], new['kid']]
    assert [e['event'] for e in site.events('--kind', 'key_added')] == ['key_added'] * 2


def the_public_half_of_a_key_is_printed(site):
    old, new = keys_of(site, 'access tokens')
    for key, kind in (old, 'EC'), (new, 'OKP'):
        jwk = json.loads(site.good('key', 'export', key['kid'], '--jwk'))
        assert (jwk['kid'], jwk['alg'], jwk['kty']) == (key['kid'], key['alg'], kind) and 'd' not in jwk
        assert site.good('key', 'export', key['kid']).startswith('-----BEGIN PUBLIC KEY-----\n')
    site.bad(USAGE, 'key', 'export', old['kid'], '--pem', '--jwk', says='either --pem or --jwk')
    site.bad(FAILED, 'key', 'export', 'A' * 43, says='pintle key list shows them')


def a_leaked_key_is_ended(site):
    _, answer = site.login('alice')
    bearer = {'HTTP_AUTHORIZATION': 'Bearer ' + answer['access_token']}
    assert site.cgi('GET', '/auth/verify', **bearer)[0] == 204
    old, new = keys_of(site, 'access tokens')
    site.bad(FAILED, 'key', 'revoke', 'A' * 43, says='pintle key list shows them')
    assert 'The key was revoked' in site.good('key', 'revoke', old['kid'])
    assert site.cgi('GET', '/auth/verify', **bearer)[0] == 401
    (key,) = keys_of(site, 'access tokens')
    assert (key['kid'], key['use']) == (new['kid'], 'signs')
    assert os.listdir(site.state + '/keys/signing') == [new['kid'] + '.pem']
    site.bad(FAILED, 'key', 'revoke', new['kid'], says='--now')
    site.good('key', 'revoke', new['kid'], '--now')
    (key,) = keys_of(site, 'access tokens')
    assert key['use'] == 'signs' and key['alg'] == 'ES256' and key['kid'] != new['kid']
    assert len(site.events('--kind', 'key_revoked')) == 3
    assert site.login('alice')[0] == 200
    site.good('session', 'revoke', '--user', 'alice')


def a_backup_comes_back_without_its_sessions(site):
    backup = site.folder + '/backup'
    assert site.login('alice')[0] == 200
    site.good('backup', backup)
    assert os.stat(backup).st_mode & 0o777 == 0o600
    site.bad(FAILED, 'backup', backup, says='File exists')
    site.good('user', 'add', 'late', stdin=PASSWORD)
    site.good('restore', backup)
    assert 'late' not in [u['name'] for u in site.json('user', 'list')['users']]
    assert site.json('session', 'list')['sessions'] == []
    assert {s['reason'] for s in site.json('session', 'list', '--ended')['sessions']} >= {'restored'}
    assert site.events('--last', '1')[0]['event'] == 'store_restored'
    site.good('restore', '--keep-sessions', backup)
    assert len(site.json('session', 'list', '--user', 'alice')['sessions']) == 1
    with open(site.folder + '/rubbish', 'wb') as file:
        file.write(os.urandom(65536))
    done = site.run('restore', site.folder + '/rubbish')
    assert done.returncode in (FAILED, STORE) and 'cannot restore the backup' in done.stderr, done
    assert len(site.json('user', 'list')['users']) == 3


# Shows F07.
def a_backup_under_load_is_whole(site):
    """Whoever was answered before it was begun is in it, while others go on signing in."""
    over, sessions, statuses = threading.Event(), [], set()

    def sign_in_again_and_again():
        while not over.is_set():
            status, answer = site.login('alice')
            statuses.add(status)
            sessions.append(answer.get('session', {}).get('id'))

    def answered(count):
        deadline = time.monotonic() + 30
        while len(sessions) < count:
            assert time.monotonic() < deadline, 'nobody is answered'
            time.sleep(0.005)
        return sessions[-1]

    load = [threading.Thread(target=sign_in_again_and_again) for _ in range(2)]
    for thread in load:
        thread.start()
    before = {}
    try:
        for number in 1, 2, 3:
            file = f'{site.folder}/hot-{number}'
            before[file] = answered(2 * number)
            site.good('backup', file)
    finally:
        over.set()
        for thread in load:
            thread.join()
    assert statuses == {200}, statuses
    for file, session in before.items():
        assert os.stat(file).st_mode & 0o777 == 0o600
        site.good('restore', '--keep-sessions', file)
        assert session in {there['id'] for there in site.json('session', 'list', '--ended')['sessions']}
        assert 'every record and every index is consistent' in site.run('check').stdout
        assert site.login('alice')[0] == 200
    site.good('restore', '--keep-sessions', site.folder + '/backup')


def a_new_master_key_seals_hundreds_anew(site):
    """In several transactions; then the new key alone opens them all."""
    many = Site(site.folder + '/many')
    os.mkdir(many.folder)
    many.good('init', '--issuer', 'http://localhost:8080/auth', '--state-folder', many.state)
    secrets = {f'user{n}': base64.b32encode(os.urandom(20)).decode() for n in range(250)}
    many.good('user', 'import', '-', stdin='\n'.join(
        json.dumps({'name': name, 'otp': {'secret': secret}}) for name, secret in secrets.items()))
    out = many.good('key', 'master')
    assert '250 second factors were sealed again' in out, out
    os.unlink(many.state + '/keys/master.old.key')
    users = [json.loads(line) for line in many.good('user', 'export', '--second-factors').splitlines()]
    assert {user['name']: user['otp']['secret'] for user in users} == secrets


def nothing_is_restored_under_a_worker(site):
    follower = subprocess.Popen([BUILD + '/pintle', 'log', '--follow', '--last', '1'], env=site.env,
                                stdout=subprocess.PIPE)
    try:
        follower.stdout.readline()
        site.bad(FAILED, 'restore', site.folder + '/backup', says='stop the worker')
        site.bad(FAILED, 'compact', says='stop the worker')
    finally:
        follower.terminate()
        follower.wait(10)
        follower.stdout.close()
    users = site.json('user', 'list')
    out = site.good('compact')
    assert out.startswith('The store took ') and site.json('user', 'list') == users, out


# Shows E13.
def check_finds_what_others_could_read(site):
    master, database = site.state + '/keys/master.key', site.state + '/db/data.mdb'
    os.chmod(master, 0o640)
    out = site.bad(KEYS, 'check').stdout
    assert f'{master} is open to others (mode 0640)' in out and f'chmod 0600 {master}' in out, out
    os.chmod(master, 0o600)
    os.chmod(database, 0o644)
    assert f'chmod 0600 {database}' in site.bad(STORE, 'check').stdout
    os.chmod(database, 0o600)
    os.chmod(site.state, 0o755)
    assert f'chmod 0700 {site.state}' in site.bad(FAILED, 'check').stdout
    os.chmod(site.state, 0o700)
    os.chmod(site.config, 0o666)
    assert f'chmod go-w {site.config}' in site.bad(CONFIG, 'check').stdout
    os.chmod(site.config, 0o644)
    site.good('check')


def check_finds_what_is_missing_or_broken(site):
    master = site.state + '/keys/master.key'
    os.rename(master, site.folder + '/master.key')
    checks = json.loads(site.bad(KEYS, 'check', '--json').stdout)['checks']
    assert any(c['state'] == 'wrong' and c['what'] == 'keys' and c['mend'] for c in checks), checks
    site.bad(KEYS, 'key', 'list', says='cannot read the keys')
    os.rename(site.folder + '/master.key', master)
    os.rename(site.state + '/db', site.folder + '/db')
    assert 'pintle init' in site.bad(STORE, 'check').stdout
    os.rename(site.folder + '/db', site.state + '/db')
    site.good('check')


def check_speaks_of_settings_that_will_not_do(site):
    set_in(site.config, 'allowed_origins', 'https://elsewhere.example.net')
    out = site.good('check')
    assert 'https://elsewhere.example.net seems to be on a different site' in out
    assert 'below the recommended' in out and 'has no TLS' in out
    set_in(site.config, 'allowed_origins', '')
    set_in(site.config, 'idle', '1 y')
    assert 'is not a duration' in site.bad(CONFIG, 'check').stdout
    site.bad(CONFIG, 'user', 'list', says='idle: "1 y" is not a duration')
    set_in(site.config, 'idle', '24 h')
    site.good('check')


def findings(site, what, status=0, limit=None):
    """What `check` says of one thing: (state, text, remedy); limit bounds the address space."""
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    done = subprocess.run([BUILD + '/pintle', 'check', '--json'], capture_output=True, text=True, env=site.env,
                          preexec_fn=limited if limit else None, timeout=60)
    assert done.returncode == status, done
    return [(c['state'], c['text'], c.get('mend', '')) for c in json.loads(done.stdout)['checks'] if c['what'] == what]


def check_sees_what_of_a_guarded_place_is_missing(site):
    with open(site.config) as file:
        text = file.read()
    with open(site.config, 'a') as file:
        file.write(f'\n[guard /gone/]\nfiles = {site.folder}/gone\ngroup = nobody-s\n'
                   f'[guard /here/]\nphp = {site.folder}\ngroup = staff,nobody-s\n')
    gone = findings(site, 'places', CONFIG)
    assert [(state, words.split(' ')[0]) for state, words, _ in gone] == [('wrong', '/gone/'), ('hint', '/gone/'),
                                                                          ('hint', '/here/')], gone
    assert 'is not there' in gone[0][1] and 'create it' in gone[0][2]
    assert 'no user is in it' in gone[1][1] and 'pintle user groups NAME nobody-s' in gone[1][2]
    os.mkdir(site.folder + '/gone')
    site.good('user', 'groups', 'alice', 'staff')
    assert [words.split(' ')[0] for _, words, _ in findings(site, 'places')] == ['/gone/']
    site.good('user', 'groups', 'alice', 'nobody-s')
    assert findings(site, 'places') == []
    site.good('user', 'disable', 'alice')
    assert len(findings(site, 'places')) == 2, 'who is disabled gets in nowhere'
    site.good('user', 'enable', 'alice')
    with open(site.config, 'w') as file:
        file.write(text)


def check_sees_what_of_the_machine_is_missing(site):
    if not os.path.exists('/dev/log'):
        set_in(site.config, 'log', 'syslog')
        (state, words, mend), = findings(site, 'log', FAILED)
        assert state == 'wrong' and '/dev/log' in words and mend.startswith('log = stderr')
        set_in(site.config, 'log', 'stderr')
    assert findings(site, 'memory') == []
    # Sanitizers reserve more than any limit would allow.
    if 'fsanitize' not in os.environ.get('CFLAGS', '') and subprocess.run(
            ['grep', '-q', '__asan_init', BUILD + '/pintle']).returncode:
        (state, words, mend), = findings(site, 'memory', STORE, limit=300 << 20)
        assert state == 'wrong' and 'ulimit -v' in words and 'LimitAS=infinity' in mend


def shells_offer_what_there_is(site):
    script = site.good('completion', 'bash')
    def offered(*words):
        line = script + 'COMP_WORDS=(' + ' '.join(f'"{word}"' for word in words) + f'); COMP_CWORD={len(words) - 1}; ' \
            '_pintle; printf "%s\\n" "${COMPREPLY[@]}"'
        return subprocess.run(['bash', '-c', line], capture_output=True, text=True, check=True).stdout.split()
    assert {'init', 'user', 'doctor', 'completion'} <= set(offered('pintle', ''))
    assert offered('pintle', 'doc') == ['doctor']
    assert {'add', 'passwd', 'import'} <= set(offered('pintle', 'user', '')) and offered('pintle', 'user', 'pa') == ['passwd']
    assert offered('pintle', 'user', 'add', 'x', '--gr') == ['--groups']
    assert '--issuer' in offered('pintle', 'init', '--') and '--groups' not in offered('pintle', 'init', '--')
    for shell in 'zsh', 'fish':
        text = site.good('completion', shell)
        assert 'passwd' in text and 'groups' in text
        if shutil.which(shell):
            subprocess.run([shell, '-n'], input=text, text=True, check=True)
    site.bad(USAGE, 'completion', 'csh', says='bash, zsh or fish')


def a_stranger_is_told_who_can_look(site):
    if os.geteuid() != 0:
        return  # only root can become a stranger
    os.chmod(site.folder, 0o755)
    done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', BUILD + '/pintle', 'check'],
                          capture_output=True, text=True, env=site.env)
    assert done.returncode == FAILED and 'run it as root' in done.stdout and '1 thing is wrong.' in done.stdout, done
    os.chmod(site.folder, 0o700)


def a_full_disk_at_standard_output_is_told(site):
    with open('/dev/full', 'w') as full:
        done = subprocess.run([BUILD + '/pintle', 'user', 'list'], stdout=full, stderr=subprocess.PIPE, text=True,
                              env=site.env)
    assert done.returncode == FAILED and 'cannot write to standard output' in done.stderr, done


STORY = [
    init_makes_a_site, what_is_there_is_kept_by_init, check_is_content_with_what_init_made,
    check_says_when_the_server_cannot_reach_the_socket,
    users_are_added_by_standard_input, a_place_that_nobody_could_stay_in_is_not_printed,
    check_tells_of_ports_and_of_addresses_that_cannot_be_read,
    what_windows_puts_around_a_line_is_no_part_of_a_password, passwords_are_held_to_the_policy,
    the_list_of_bad_passwords_is_a_file_of_the_site, a_password_is_never_an_argument,
    the_command_line_is_answered_helpfully, a_password_is_typed_unseen_and_twice, deleting_asks_at_a_terminal,
    a_second_factor_is_shown_to_eyes_or_to_who_asks, names_of_all_scripts_are_a_setting,
    sessions_are_listed_and_explained, a_session_is_revoked_and_says_why, many_sessions_are_revoked_at_once,
    disabling_ends_sessions_for_good, a_new_password_ends_sessions, groups_are_set, the_log_is_filtered,
    the_log_is_followed, the_log_says_that_there_is_no_tls,
    services_ask_with_a_secret_that_is_shown_once, keys_and_figures_are_shown,
    keys_follow_one_another, the_public_half_of_a_key_is_printed, a_leaked_key_is_ended,
    a_backup_comes_back_without_its_sessions,
    a_backup_under_load_is_whole, a_new_master_key_seals_hundreds_anew, nothing_is_restored_under_a_worker, check_finds_what_others_could_read,
    check_finds_what_is_missing_or_broken,
    check_speaks_of_settings_that_will_not_do, check_sees_what_of_a_guarded_place_is_missing,
    check_sees_what_of_the_machine_is_missing, shells_offer_what_there_is, a_stranger_is_told_who_can_look, a_full_disk_at_standard_output_is_told,
]


def main():
    folder = tempfile.mkdtemp(prefix='pintle-cmd-')
    failed = 0
    site = Site(folder)
    try:
        for number, step in enumerate(STORY, 1):
            name = step.__name__.replace('_', ' ')
            try:
                step(site)
                print(f'ok {number} - {name}')
            except Exception as error:  # each step is reported, whatever broke it
                failed += 1
                print(f'not ok {number} - {name}')
                print('# ' + f'{type(error).__name__}: {error}'.replace('\n', '\n# '))
    finally:
        shutil.rmtree(folder)
    print(f'1..{len(STORY)}')
    return 1 if failed else 0


sys.exit(main())
