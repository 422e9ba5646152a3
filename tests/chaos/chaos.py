#!/usr/bin/env python3
"""chaos.py - many jobs through the commands, while processes are killed

usage: chaos.py BIN [--jobs N] [--seed S] [--keep]

A ledger test, written from the manual: uploaders (v2m-upload; curl by form and
by tus through a gateway), workers, notifiers, fetchers, removers, requeuers and
pruners share one embedded state, while a monkey kills and freezes them, their
helpers and their groups, cuts and slows the connections to the gateway, and
fills the disk (where the state may be a tmpfs).  One of the workers has a
clock that is an hour ahead, where there is a compiler to make it so.  Then the
monkey stops, what is left is done, and the books are balanced:

    accepted = done + failed with a reason + removed
    a finished job has one MP3, which can be fetched
    its owner was told once, or twice with one Message-ID where a notifier died;
    where two died, v2m-check says that it is not known
    v2m-check is silent else, and a day later, too, when v2m-prune has run: no
    file is without an owner (by that compiler, and for this the clock of these
    two is set ahead)

Prints what was done, what was survived and the balance; 1 where it does not
balance.  The seed decides what is done in which order; the machine's own timing
decides the rest.
"""
import argparse
import collections
import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ANN = 'ann@example.org'
HOUR_S = 3600
HERE = os.path.dirname(os.path.abspath(__file__))


class Ledger:
    """What was promised by exit statuses and printed lines, and no more."""

    def __init__(self):
        self.lock = threading.Lock()
        self.accepted = set()
        self.perhaps = set()
        self.removing = set()
        self.removed = set()
        self.again = set()
        self.counts = collections.Counter()

    def note(self, what, n=1):
        with self.lock:
            self.counts[what] += n

    def add(self, kind, id_):
        with self.lock:
            getattr(self, kind).add(id_)

    def pick(self, rng):
        with self.lock:
            known = sorted(self.accepted - self.removing)
        return rng.choice(known) if known else None


class Chaos:
    def __init__(self, args):
        self.bin = os.path.abspath(args.bin)
        self.jobs = args.jobs
        self.seed = args.seed
        self.top = tempfile.mkdtemp(prefix='v2m-chaos.')
        self.state = os.path.join(self.top, 'disk', 'state')
        self.notices = os.path.join(self.top, 'notices')
        self.ledger = Ledger()
        self.daemons = {}
        self.url = None
        self.relay = None
        self.ahead_by = None
        self.begun = 0
        self.over = threading.Event()       # no more uploads
        self.calm = threading.Event()       # no more faults
        self.env = dict(
            os.environ, PATH=self.bin + ':' + os.environ['PATH'],
            HOME=self.top, XDG_STATE_HOME=os.path.join(self.top, 'home'),
            V2M_CONFIG='/dev/null', V2M_STATE=self.state,
            V2M_FREE_RESERVE='2M', V2M_LEASE='3s', V2M_SWEEP_INTERVAL='1s',
            V2M_RETRY_PAUSE='100ms', V2M_NOTIFY_TIMEOUT='2s',
            V2M_MAX_USER_JOBS='0', V2M_SANDBOX='partly',
            V2M_NOTIFY="exec:echo \"$V2M_ID $V2M_OUTCOME $V2M_MESSAGE_ID\""
                       " >> '%s'; cat > /dev/null" % self.notices)

    # --- the commands ---

    def run(self, *argv, doom=None, more=None):
        """Run a command to its end; doom: seconds after which it is killed;
        more: variables.  The status (negative: by that signal), and what it
        wrote to stdout and stderr."""
        p = subprocess.Popen(argv, env=dict(self.env, **(more or {})),
                             text=True, errors='replace',
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
        try:
            out, err = p.communicate(timeout=doom)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, err = p.communicate()
            self.ledger.note('killed ' + os.path.basename(argv[0]))
        return p.returncode, out, err

    def must(self, *argv):
        status, out, err = self.run(*argv)
        if status != 0:
            sys.exit('chaos: %s: %d: %s' % (' '.join(argv), status, err))
        return out

    def set_up(self):
        disk = os.path.dirname(self.state)
        os.mkdir(disk)
        self.mounted = os.geteuid() == 0 and subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', 'size=160M,mode=0700', 'tmpfs',
             disk], stderr=subprocess.DEVNULL).returncode == 0
        open(self.notices, 'w').close()
        password = os.path.join(self.top, 'pw')
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600),
                  'w') as f:
            f.write('correct horse\n')
        self.must('v2m-init', '--quiet')
        self.must('v2m-user', 'add', '--quiet', '--password-file', password,
                  '--admin', ANN)
        self.env['V2M_TOKEN'] = self.must('v2m-user', 'token', ANN).strip()
        self.clip = os.path.join(self.top, 'clip.mp4')
        self.must('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i',
                  'sine=440:r=22050:d=0.3', '-c:a', 'aac', '-b:a', '32k',
                  self.clip)
        self.bad = os.path.join(self.top, 'silent.mp4')
        self.must('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i',
                  'testsrc=s=64x48:r=5:d=1', '-c:v', 'mpeg4', self.bad)

    def make_ahead(self):
        """What sets a process's clock ahead, where there is a compiler."""
        made = os.path.join(self.top, 'ahead.so')
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run(['cc', '-shared', '-fPIC', '-o', made,
                               os.path.join(HERE, 'ahead.c'),
                               '-ldl']).returncode == 0:
                self.ahead_by = made
                return
        self.ledger.note('no compiler: all clocks are right')

    def ahead(self, seconds):
        """Variables of a process whose clock is ahead, if there may be one."""
        return {} if self.ahead_by is None else {
            'LD_PRELOAD': self.ahead_by, 'AHEAD': str(seconds)}

    def start_gateway(self):
        """On a port that nobody has now."""
        if not os.path.exists(self.bin + '/../lib/v2m/gateway.so'):
            return
        with socket.create_server(('127.0.0.1', 0)) as s:
            address = '127.0.0.1:%d' % s.getsockname()[1]
        self.start(self.keep_running, 'gateway', {}, 'v2m-gateway',
                   '--listen', address)
        self.relay = subprocess.Popen(
            [sys.executable, os.path.join(HERE, '../lib/relay.py'),
             address.split(':')[1]], stdout=subprocess.PIPE, text=True)
        self.url = 'http://127.0.0.1:' + self.relay.stdout.readline().strip()

    # --- those that run on and on ---

    def keep_running(self, name, more, *argv):
        """As a supervisor does, with more variables."""
        log = open(os.path.join(self.top, name + '.log'), 'ab')
        while not (self.calm.is_set() and self.over.is_set()):
            p = subprocess.Popen(argv, env=dict(self.env, **more),
                                 stdout=log, stderr=log,
                                 stdin=subprocess.DEVNULL,
                                 start_new_session=True)
            self.daemons[name] = p
            p.wait()
            if p.returncode == 78:
                self.ledger.note('ended with 78: ' + name)
            time.sleep(0.2)

    def upload(self, rng):
        while not self.over.is_set():
            with self.ledger.lock:
                if self.begun >= self.jobs:
                    return
                self.begun += 1
            doom = rng.uniform(0, 0.4) if rng.random() < 0.15 else None
            if self.calm.is_set():
                doom = None
            if self.url and rng.random() < 0.4:
                self.upload_by(rng.choice([self.by_form, self.by_tus]), doom)
                time.sleep(rng.uniform(0, 0.5))
                continue
            bad = rng.random() < 0.03
            # What is no video is refused at once, unless nobody looks.
            argv = ['v2m-upload', '--json'] + (
                ['--no-check', self.bad] if bad else [self.clip])
            status, out, _ = self.run(*argv, doom=doom)
            for line in out.splitlines():
                with contextlib.suppress(ValueError):
                    got = json.loads(line)
                    if got.get('maybe'):
                        self.ledger.add('perhaps', got['maybe']
                                        if isinstance(got['maybe'], str)
                                        else got['id'])
                    elif 'id' in got and 'error' not in got:
                        self.ledger.add('accepted', got['id'])
            self.ledger.note('upload ended with %d' % status)
            time.sleep(rng.uniform(0, 0.5))

    def curl(self, doom, *args):
        """The status of the answer, 0: none; the ID in its header."""
        status, out, _ = self.run(
            'curl', '-sS', '-i', '-m', '60', '-H', 'Expect:', '-H',
            'Authorization: Bearer ' + self.env['V2M_TOKEN'], *args,
            doom=doom)
        head = out.partition('\n\n')[0]
        code = re.match(r'HTTP/\S+ (\d+)', head)
        where = re.search(r'(?im)^location: *\S*?([0-9a-f]{24})$', head)
        return (int(code.group(1)) if code and status == 0 else 0,
                where.group(1) if where else None)

    def by_form(self, doom):
        code, id_ = self.curl(doom, '-F', 'file=@' + self.clip,
                              self.url + '/upload')
        if code // 100 == 2:
            self.ledger.add('accepted', id_)
        return code

    def by_tus(self, doom):
        tus = ('-H', 'Tus-Resumable: 1.0.0')
        code, id_ = self.curl(
            doom, *tus, '-X', 'POST', '-H', 'Upload-Length: %d' %
            os.path.getsize(self.clip), self.url + '/files/')
        if code == 201:
            code, _ = self.curl(
                doom, *tus, '-X', 'PATCH', '-H',
                'Content-Type: application/offset+octet-stream', '-H',
                'Upload-Offset: 0', '--data-binary', '@' + self.clip,
                self.url + '/files/' + id_)
            if code // 100 == 2:
                self.ledger.add('accepted', id_)
        return code

    def upload_by(self, way, doom):
        code = way(doom)
        self.ledger.note('upload %s: %s' % (
            way.__name__.replace('_', ' '), code or 'no answer'))

    def meddle(self, rng):
        """Fetch, remove, convert again, prune: whatever users do."""
        while not self.over.is_set():
            time.sleep(rng.uniform(0.05, 0.4))
            id_ = self.ledger.pick(rng)
            if id_ is None:
                continue
            doom = rng.uniform(0, 0.3) if rng.random() < 0.2 else None
            what = rng.random()
            if what < 0.5:
                self.run('v2m-fetch', '-o', '-', id_, doom=doom)
                self.ledger.note('fetches')
            elif what < 0.7:
                self.ledger.add('removing', id_)
                status, out, _ = self.run('v2m-remove', id_, doom=doom)
                if status == 0:
                    self.ledger.add('removed', id_)
                self.ledger.note('removals')
            elif what < 0.8:
                self.ledger.add('again', id_)
                self.run('v2m-requeue', '--again', id_, doom=doom)
                self.ledger.note('requeues')
            elif what < 0.9:
                self.run('v2m-prune', doom=doom)
                self.ledger.note('prunes')
            else:
                self.run('v2m-check', doom=doom)
                self.ledger.note('checks')

    # --- the monkey ---

    def children(self, pid):
        with contextlib.suppress(OSError):
            path = '/proc/%d/task/%d/children' % (pid, pid)
            with open(path) as f:
                return [int(n) for n in f.read().split()]
        return []

    def disturb(self, rng):
        while not self.calm.is_set():
            time.sleep(rng.uniform(0.1, 0.8))
            name = rng.choice(sorted(self.daemons) or [None])
            p = self.daemons.get(name)
            if p is None or p.poll() is not None:
                continue
            what = rng.random()
            with contextlib.suppress(OSError):
                if what < 0.3:
                    p.kill()
                    self.ledger.note('killed a daemon')
                elif what < 0.45:
                    os.killpg(p.pid, signal.SIGKILL)
                    self.ledger.note('killed a group')
                elif what < 0.7:
                    family = self.children(p.pid)
                    family += [c for f in family for c in self.children(f)]
                    if family:
                        os.kill(rng.choice(family), signal.SIGKILL)
                        self.ledger.note('killed a helper')
                elif what < 0.75:
                    p.terminate()
                    self.ledger.note('asked a daemon to stop')
                elif what < 0.85:
                    p.send_signal(signal.SIGSTOP)
                    time.sleep(rng.choice([0.5, 1, 5]))
                    p.send_signal(signal.SIGCONT)
                    self.ledger.note('froze a daemon')
                elif what < 0.95:
                    self.disturb_network(rng)
                elif self.mounted:
                    self.fill_disk(rng.uniform(0.5, 3))

    def disturb_network(self, rng):
        if self.relay is None:
            return
        if rng.random() < 0.5:
            self.relay.send_signal(signal.SIGUSR1)
            self.ledger.note('cut the connections to the gateway')
            return
        self.relay.send_signal(signal.SIGHUP)
        time.sleep(rng.uniform(1, 4))
        self.relay.send_signal(signal.SIGHUP)
        self.ledger.note('slowed the connections to the gateway')

    def fill_disk(self, seconds):
        hog = os.path.join(os.path.dirname(self.state), 'hog')
        with contextlib.suppress(OSError), open(hog, 'wb', 0) as f:
            while True:
                f.write(bytes(65536))
        time.sleep(seconds)
        os.unlink(hog)
        self.ledger.note('filled the disk')

    # --- the books ---

    def settle(self):
        """All that is left is done, by those who live; not an upload whose
        command was killed, which nobody waits for."""
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            states = collections.Counter(
                job['state'] for job in self.listed().values())
            if not set(states) & {'queued', 'running'} and \
                    self.untold() == 0:
                return
            time.sleep(0.5)
        print('chaos: not settled after 5 minutes: %s' % dict(states))

    def listed(self):
        status, out, err = self.run('v2m-status', '--all', '--json')
        if status != 0:
            sys.exit('chaos: v2m-status: %d: %s' % (status, err))
        return {job['id']: job for job in map(json.loads, out.splitlines())}

    def untold(self):
        told = self.told()
        return sum(1 for id_, job in self.listed().items()
                   if job['state'] in ('done', 'failed') and id_ not in told)

    def told(self):
        told = collections.defaultdict(collections.Counter)
        with open(self.notices) as f:
            for line in f:
                id_, outcome, message = line.split()
                told[id_][message] += 1
        return told

    def balance(self):
        jobs, told, book = self.listed(), self.told(), self.ledger
        wrong, unknown = self.check('at once', {})
        states = collections.Counter()
        for id_ in sorted(book.accepted):
            job = jobs.get(id_)
            state = job['state'] if job else 'gone'
            states[state] += 1
            if id_ in book.removing:
                continue
            if state == 'failed' and job.get('reason'):
                pass
            elif state != 'done':
                wrong.append('%s was accepted and is %s' % (id_, state))
            elif self.run('v2m-fetch', '-o', '-', id_)[0] != 0:
                wrong.append('%s is done and cannot be fetched' % id_)
            if id_ not in told and id_ not in unknown:
                wrong.append('%s: its owner was never told' % id_)
        for id_, messages in told.items():
            if len(messages) > 1 and id_ not in book.again:
                wrong.append('%s: told as %s' % (id_, sorted(messages)))
            if max(messages.values()) > 2:
                wrong.append('%s: told %d times' % (id_, messages.total()))
        for id_ in book.removed & set(jobs):
            if jobs[id_]['state'] not in ('removed', 'cancelled'):
                wrong.append('%s was removed and is %s' % (
                    id_, jobs[id_]['state']))
        if self.ahead_by is not None:
            wrong += self.check_a_day_later()
        print('accepted %d: %s; %d told twice; of %d it is not known' % (
            len(book.accepted), ', '.join(
                '%d %s' % (n, s) for s, n in states.most_common()),
            sum(max(m.values()) > 1 for m in told.values()), len(unknown)))
        return wrong

    def check(self, when, more):
        """What it finds but must not, and the jobs whose notices it says are
        not known: as many tries as there may be ended with their notifier."""
        status, out, err = self.run('v2m-check', more=more)
        unknown = set(re.findall(r'^(\S+)\tit is not known whether its notice '
                                 r'was sent\t.*\n', out, re.M))
        rest = [line for line in out.splitlines()
                if line.partition('\t')[0] not in unknown]
        return ['v2m-check, %s: %d: %s%s' % (when, status, rest, err)] \
            if rest or err or status != bool(out) else [], unknown

    def check_a_day_later(self):
        later = self.ahead(25 * HOUR_S)
        status, out, err = self.run('v2m-prune', more=later)
        wrong = ['v2m-prune, a day later: %d: %s' % (status, err)] \
            if status != 0 else []
        wrong += self.check('a day later', later)[0]
        with contextlib.closing(sqlite3.connect(os.path.join(
                self.state, 'store', 'index.db'))) as db:
            for folder, owners in (
                    ('videos', "SELECT id FROM object WHERE kind = 'video' "
                     "AND id IN (SELECT id FROM record)"),
                    ('mp3s', "SELECT mp3 FROM record WHERE mp3 <> ''")):
                owned = {row[0] for row in db.execute(owners)}
                there = set(os.listdir(os.path.join(
                    self.state, 'store', folder)))
                wrong += ['%s/%s is nobody\'s' % (folder, name)
                          for name in sorted(there - owned)]
        return wrong

    def start(self, function, *args):
        t = threading.Thread(target=function, args=args, daemon=True)
        t.start()
        return t

    def go(self):
        self.set_up()
        rng = random.Random(self.seed)

        def own():
            return random.Random(rng.random())
        self.start_gateway()
        self.make_ahead()
        for i, more in enumerate(({}, {}, self.ahead(HOUR_S))):
            self.start(self.keep_running, 'worker-%d' % i, more,
                       'v2m-convert-worker')
        for i in range(2):
            self.start(self.keep_running, 'notifier-%d' % i, {},
                       'v2m-notify')
        uploaders = [self.start(self.upload, own()) for _ in range(3)]
        meddler = self.start(self.meddle, own())
        monkey = self.start(self.disturb, own())
        for t in uploaders:
            t.join()
        self.calm.set()
        monkey.join()
        self.over.set()
        meddler.join()
        for i in range(2):          # whoever was stopped may be gone
            self.start(self.finish, i)
        self.settle()
        self.quiet = True

    def finish(self, i):
        while not getattr(self, 'quiet', False):
            self.run('v2m-convert-worker', '--once')
            self.run('v2m-notify', '--once')
            time.sleep(0.5)

    def clean_up(self, keep):
        self.over.set()
        self.calm.set()
        self.quiet = True
        if self.relay is not None:
            self.relay.kill()
        for p in self.daemons.values():
            with contextlib.suppress(OSError):
                os.killpg(p.pid, signal.SIGKILL)
        time.sleep(0.3)
        if keep:
            print('chaos: all of it is in', self.top)
            return
        if self.mounted:
            subprocess.run(['umount', '-l', os.path.dirname(self.state)])
        shutil.rmtree(self.top, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('--jobs', type=int, default=200)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--keep', action='store_true')
    args = parser.parse_args()
    print('chaos: %d jobs, seed %d' % (args.jobs, args.seed), flush=True)
    chaos = Chaos(args)
    wrong = ['it came to no end']
    try:
        chaos.go()
        wrong = chaos.balance()
    finally:
        for what, n in sorted(chaos.ledger.counts.items()):
            print('%6d %s' % (n, what))
        for w in wrong:
            print('WRONG:', w)
        chaos.clean_up(args.keep or bool(wrong))
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
