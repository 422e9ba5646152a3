#!/usr/bin/env python3
"""faults.py - the N-th system call of a command fails, or is its last

usage: faults.py BIN [--seconds S] [--jobs N] [--seed N] [--only COMMAND]
                 [--keep]

Each command is run once under strace, which counts its system calls that can
fail or be the last.  Then, in an order that the seed decides, each of them is
made to fail once, to fail from then on, or to be the command's end by SIGKILL,
every time on a fresh copy of one state.  Afterwards the services do what is
left, without a fault, and:

    what was accepted is done, with one MP3, which can be fetched
    an upload that failed and named no ID is no job
    its owner was told, twice only where the notifier was hit
    the exit status is one of the command's manual, and stderr says why
    v2m-check is silent, and a day later no file is without an owner

With --jobs so many are tried side by side: most of each is waiting.  Prints how
many combinations there are and how many were tried; 1 where something was
wrong, with the state kept that shows it.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import glob
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ANN = 'ann@example.org'
DAY_MS = 86400000
DONE = 4                        # a record's state

# What each call reports when it fails; on some machines names differ.
CALLS = {
    'fsync': 'EIO', 'fdatasync': 'EIO', 'ftruncate': 'EIO',
    'fallocate': 'ENOSPC', 'write': 'ENOSPC', 'pwrite64': 'ENOSPC',
    'openat': 'ENOSPC', 'rename': 'ENOSPC', 'renameat2': 'ENOSPC',
    'link': 'ENOSPC', 'linkat': 'ENOSPC', 'unlink': 'EIO',
    'unlinkat': 'EIO', 'mkdir': 'ENOSPC'}
MODES = ('once', 'on', 'kill')
LASTS_S = 60                    # a command that takes longer hangs
MOST_WRONG = 20                 # each with its state

# name: arguments, where @done and so on stand for jobs of the state.
COMMANDS = {
    'init': ['v2m-init', '--quiet'],
    'user': ['v2m-user', 'add', '--quiet', '--password-file', '@password',
             'bob@example.org'],
    'passwd': ['v2m-user', 'disable', 'carol@example.org'],
    'upload': ['v2m-upload', '@clip'],
    'upload-held': ['v2m-upload', '--no-queue', '@clip'],
    'worker': ['v2m-convert-worker', '--threads', '1', '--once'],
    'worker-named': ['v2m-convert-worker', '--threads', '1', '@held'],
    'notify': ['v2m-notify', '--once'],
    'notify-again': ['v2m-notify', '--again', '--force', '@told'],
    'fetch': ['v2m-fetch', '-o', '@out', '@told'],
    'remove': ['v2m-remove', '@told'],
    'requeue': ['v2m-requeue', '--again', '@told'],
    'prune': ['v2m-prune'],
    'check': ['v2m-check', '--repair', '--yes'],
    'backup': ['v2m-backup', '@copy'],
    'status': ['v2m-status', '--all'],
    'convert': ['v2m-convert', '--quiet', '-o', '@mp3', '@clip'],
}


class Wrong(Exception):
    pass


class Place:
    """A state, and what was done to it."""

    def __init__(self, bin_dir, top):
        self.bin = bin_dir
        self.top = top
        self.state = os.path.join(top, 'state')
        self.told_in = os.path.join(top, 'notices')
        self.jobs = {}
        self.env = dict(
            os.environ, PATH=bin_dir + ':' + os.environ['PATH'],
            HOME=top, TMPDIR=top, V2M_CONFIG='/dev/null',
            V2M_STATE=self.state, V2M_FREE_RESERVE='0', V2M_LEASE='1s',
            V2M_SWEEP_INTERVAL='300ms', V2M_RETRY_PAUSE='50ms',
            V2M_MAX_USER_JOBS='0', V2M_SANDBOX='partly',
            V2M_NOTIFY='log:' + self.told_in)
        self.env.pop('V2M_URL', None)

    def path(self, name):
        return os.path.join(self.top, name)

    def run(self, *argv, under=()):
        p = subprocess.Popen([*under, *argv], env=self.env, text=True,
                             errors='replace', cwd=self.top,
                             stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             start_new_session=True)
        try:
            out, err = p.communicate(timeout=LASTS_S)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.communicate()
            raise Wrong('%s does not end' % argv[0])
        # What it left behind, such as a helper, has nothing to do any more.
        with contextlib.suppress(OSError):
            os.killpg(p.pid, signal.SIGKILL)
        return p.returncode, out, err

    def must(self, *argv):
        status, out, err = self.run(*argv)
        if status != 0:
            raise Wrong('%s: %d: %s' % (' '.join(argv), status, err))
        return out.strip()

    def db(self, statement):
        path = os.path.join(self.state, 'store', 'index.db')
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as db:
            with db:
                return db.execute(statement).fetchall()

    def set_up(self):
        """Accounts, and a job in each state."""
        self.must('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i',
                  'sine=440:r=22050:d=0.3', '-c:a', 'aac', '-b:a', '32k',
                  self.path('clip.mp4'))
        self.must('ffmpeg', '-v', 'error', '-f', 'lavfi', '-i',
                  'testsrc=s=64x48:r=5:d=1', '-c:v', 'mpeg4',
                  self.path('silent.mp4'))
        with open(os.open(self.path('password'),
                          os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
            f.write('correct horse\n')
        self.must('v2m-init', '--quiet')
        for who in (ANN, 'carol@example.org'):
            self.must('v2m-user', 'add', '--quiet', '--password-file',
                      self.path('password'), '--admin', who)
        self.env['V2M_TOKEN'] = self.must('v2m-user', 'token', ANN)
        clip = self.path('clip.mp4')
        self.jobs['told'] = self.must('v2m-upload', clip)
        self.jobs['failed'] = self.must('v2m-upload', '--no-check',
                                        self.path('silent.mp4'))
        self.must('v2m-convert-worker', '--once')
        self.must('v2m-notify', '--once')
        self.jobs['done'] = self.must('v2m-upload', clip)
        self.must('v2m-convert-worker', '--once')
        self.jobs['queued'] = self.must('v2m-upload', clip)
        self.jobs['held'] = self.must('v2m-upload', '--no-queue', clip)

    def copy(self, top):
        """The same in another folder."""
        shutil.copytree(self.top, top, symlinks=True)
        other = Place(self.bin, top)
        other.env['V2M_TOKEN'] = self.env['V2M_TOKEN']
        other.jobs = dict(self.jobs)
        return other

    def argv(self, name):
        known = {'@' + k: v for k, v in self.jobs.items()}
        known.update({'@clip': self.path('clip.mp4'),
                      '@password': self.path('password'),
                      '@out': self.path('out'), '@copy': self.path('copy'),
                      '@mp3': self.path('one.mp3')})
        return [known.get(a, a) for a in COMMANDS[name]]

    def states(self):
        out = self.must('v2m-status', '--all')
        return {line.split('\t')[0]: line.split('\t')[1]
                for line in out.splitlines()}

    def told(self):
        told = collections.Counter()
        with contextlib.suppress(FileNotFoundError):
            with open(self.told_in) as f:
                told.update(re.findall(r'job=(\w+) event=notice', f.read()))
        return told


# --- one combination ---

Fault = collections.namedtuple('Fault', 'command call n mode')


def inject(fault):
    what = {'once': 'error=%s:when=%d', 'on': 'error=%s:when=%d+',
            'kill': 'signal=KILL:when=%d'}[fault.mode]
    args = (fault.n,) if fault.mode == 'kill' else (CALLS[fault.call],
                                                   fault.n)
    return ['-e', 'trace=' + fault.call,
            '-e', 'inject=%s:%s' % (fault.call, what % args)]


def strace(trace, *more):
    return ['strace', '-f', '-qq', '-y', '--seccomp-bpf', '-s', '8', '-o',
            trace, *more]


def count(place, name):
    """How many of each call one process makes at most; of those that open,
    which of its calls are about files of ours."""
    trace = place.path('trace')
    place.run(*place.argv(name), under=strace(
        trace, '-e', 'trace=' + ','.join('?' + c for c in CALLS)))
    seen = collections.Counter()
    wanted = collections.defaultdict(set)
    with open(trace) as f:
        for line in f:
            found = re.match(r'(\d+) +(\w+)\((.*)', line)
            if found is None:
                continue
            pid, call, rest = found.groups()
            seen[pid, call] += 1
            if call != 'openat' or place.top in rest:
                wanted[call].add(seen[pid, call])
    return wanted


def was_hit(trace):
    with open(trace) as f:
        text = f.read()
    return '(INJECTED)' in text or 'killed by SIGKILL' in text


def check_status(fault, status, err):
    if status == -signal.SIGKILL and fault.mode == 'kill':
        return
    # Libraries that cannot be opened.
    if fault.call == 'openat' and status == 127 and 'shared' in err:
        return
    if status < 0 or status > 78 or status == 70:
        raise Wrong('status %d: %s' % (status, err))
    # Unless stderr is what could not be written.
    if status != 0 and not err.strip() and fault.call != 'write':
        raise Wrong('status %d, and not a word why' % status)


def serve(place):
    place.run('v2m-convert-worker', '--threads', '1', '--once')
    place.run('v2m-notify', '--once')


def settle(place, fault):
    """The services, and who named a job, do what is left."""
    but = {place.jobs['held']}
    if fault.command == 'worker-named':
        place.must(*place.argv('worker-named'))
    for _ in range(40):
        serve(place)
        states, told = place.states(), place.told()
        left = {i: s for i, s in states.items() if i not in but and (
            s in ('new', 'queued', 'converting') or
            (s in ('done', 'failed') and i not in told))}
        # On a disk that no longer takes a byte an upload can be neither
        # accepted nor taken back, and its ID is told: it goes in a day.
        if fault.mode == 'on' and fault.command.startswith('upload'):
            left = {i: s for i, s in left.items() if s != 'new'}
        if not left and is_silent(place):
            return states
        time.sleep(0.2)
    raise Wrong('it comes to no end: %s %s' % (left, place.run('v2m-check')))


def ids(text):
    return re.findall(r'^[0-9a-f]{24}\b', text, re.M)


def check_upload(fault, status, out, err, states, before):
    new = {i: s for i, s in states.items() if i not in before}
    printed = ids(out)
    for i in printed:
        if i not in new:
            raise Wrong('%s was accepted and is gone' % i)
    if fault.mode == 'kill' and status < 0:
        return
    if 'may have been accepted as' in err and status != 75:
        raise Wrong('status %d with an ID that may be accepted' % status)
    if status == 0 and not printed:
        raise Wrong('status 0 without an ID')
    # Where neither stdout nor stderr takes a byte, nobody can be told.
    if fault.call == 'write' and fault.mode == 'on':
        return
    # Also where stdout was what failed.
    named = re.findall(r'accepted as ([0-9a-f]{24})', err)
    for i, s in new.items():
        if i not in printed + named and s not in ('cancelled', 'removed',
                                                  'new'):
            raise Wrong('%s was not accepted and is %s' % (i, s))


def check_books(place, fault, states):
    jobs, told = place.jobs, place.told()
    for what, i in jobs.items():
        may = {{'failed': 'failed', 'held': 'held'}.get(what, 'done')}
        if what == 'held' and fault.command == 'worker-named':
            may = {'done'}
        if what == 'told' and fault.command == 'remove':
            may = {'done', 'removed', 'cancelled', None}
        if states.get(i) not in may:
            raise Wrong('the %s job %s is %s' % (what, i, states.get(i)))
    most = 3 if fault.command in ('notify-again', 'requeue') else \
        2 if fault.command == 'notify' else 1
    for i, n in told.items():
        if n > most:
            raise Wrong('%s was told %d times' % (i, n))
    for i, state in states.items():
        if state == 'done' and place.run('v2m-fetch', '-o',
                                         '/dev/null', i)[0] != 0:
            raise Wrong('%s is done and cannot be fetched' % i)


def is_silent(place):
    return place.run('v2m-check') == (0, '', '')


def check_silence(place, when):
    status, out, err = place.run('v2m-check')
    if status != 0 or out.strip() or err.strip():
        raise Wrong('v2m-check, %s: %d: %s%s' % (when, status, out, err))


def check_silence_then(place, fault, when):
    """A message that is lost is missed only after a while."""
    if not is_silent(place):
        settle(place, fault)
    check_silence(place, when)


def check_files(place):
    """A day later: each file is a record's, and the other way round."""
    place.db('UPDATE object SET created_at = created_at - %d' % (
        2 * DAY_MS))
    place.db('UPDATE record SET created_at = created_at - %d, '
             'until = max(0, until - %d)' % (2 * DAY_MS, 2 * DAY_MS))
    for path in glob.glob(place.state + '/store/*/*'):
        old = time.time() - 2 * 86400
        os.utime(path, (old, old))
    place.must('v2m-prune')
    mp3s = {r[0] for r in place.db('SELECT mp3 FROM record WHERE state = %d'
                                   % DONE)}
    for folder, wanted in (
            ('mp3s', mp3s),
            ('videos', {r[0] for r in place.db(
                "SELECT id FROM object WHERE kind = 'video'")})):
        there = set(os.listdir(os.path.join(place.state, 'store', folder)))
        if there != wanted:
            raise Wrong('files of %s without an owner: %s; missing: %s' % (
                folder, sorted(there - wanted), sorted(wanted - there)))


def try_one(place, fault):
    """True where the fault was met."""
    before = set(place.jobs.values())
    trace = place.path('trace')
    open(trace, 'w').close()
    argv = place.argv(fault.command)
    status, out, err = place.run(*argv, under=strace(trace, *inject(fault)))
    check_status(fault, status, err)
    if fault.command == 'init':
        place.must('v2m-init', '--quiet')
    # What a worker could not write down its lease brings back; what is left
    # of a removal that failed is named.
    if fault.mode != 'kill' and \
            not fault.command.startswith(('worker', 'notify')) and \
            not (fault.command == 'remove' and status != 0):
        check_silence(place, 'at once')
    states = settle(place, fault)
    if fault.command.startswith('upload'):
        check_upload(fault, status, out, err, states, before)
    check_books(place, fault, states)
    check_silence_then(place, fault, 'at the end')
    check_files(place)
    serve(place)
    check_books(place, fault, place.states())
    check_silence_then(place, fault, 'a day later')
    again(place, fault)
    return was_hit(trace)


def again(place, fault):
    """Where the command can be given once more, it works now."""
    if fault.command in ('upload', 'convert', 'backup', 'fetch', 'status',
                         'worker', 'worker-named', 'prune', 'check'):
        shutil.rmtree(place.path('copy'), ignore_errors=True)
        for name in 'one.mp3', 'out':
            with contextlib.suppress(FileNotFoundError):
                os.unlink(place.path(name))
        place.must(*place.argv(fault.command))


# --- all of them ---

def combinations(first, work, names):
    for name in names:
        top = os.path.join(work, 'run')
        place = first.copy(top)
        for call, ns in sorted(count(place, name).items()):
            for n in sorted(ns):
                for mode in MODES:
                    yield Fault(name, call, n, mode)
        shutil.rmtree(top)


class Run:
    """The faults of a list, each in a folder of its own.

    try_all() may be called by several threads at once.
    """

    def __init__(self, first, work, faults, until):
        self.first, self.work, self.until = first, work, until
        self.left = enumerate(faults)
        self.tried = collections.Counter()
        self.met = self.wrong = 0
        self.lock = threading.Lock()

    def next(self):
        with self.lock:
            if time.monotonic() > self.until or self.wrong >= MOST_WRONG:
                return None
            return next(self.left, None)

    def try_all(self):
        while (numbered := self.next()) is not None:
            self.try_one(*numbered)

    def try_one(self, n, fault):
        top = os.path.join(self.work, 'run-%d' % n)
        why, met = None, False
        try:
            met = try_one(self.first.copy(top), fault)
        except Wrong as wrong:
            why = wrong
        with self.lock:
            self.tried[fault.command] += 1
            self.met += met
            if why is not None:
                self.wrong += 1
                print('WRONG: %s, %s %d, %s: %s' % (*fault, why))
                print('       it is in', top, flush=True)
        if why is None:
            shutil.rmtree(top, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('bin')
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--only', choices=sorted(COMMANDS))
    parser.add_argument('--keep', action='store_true')
    args = parser.parse_args()
    work = tempfile.mkdtemp(prefix='v2m-faults.')
    until = time.monotonic() + args.seconds
    first = Place(os.path.abspath(args.bin), os.path.join(work, 'first'))
    os.mkdir(first.top)
    first.set_up()
    faults = list(combinations(first, work,
                               [args.only] if args.only else COMMANDS))
    random.Random(args.seed).shuffle(faults)
    print('faults: seed %d, %d combinations' % (args.seed, len(faults)),
          flush=True)
    run = Run(first, work, faults, until)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for one in [pool.submit(run.try_all) for _ in range(args.jobs)]:
            one.result()
    for name, n in sorted(run.tried.items()):
        print('%6d %s' % (n, name))
    print('%d of %d tried, %d of them met, %d wrong' % (
        sum(run.tried.values()), len(faults), run.met, run.wrong))
    if not run.wrong and not args.keep:
        shutil.rmtree(work)
    return bool(run.wrong)


if __name__ == '__main__':
    sys.exit(main())
